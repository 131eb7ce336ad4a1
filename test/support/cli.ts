import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const BIN = resolve(import.meta.dirname, '../../bin/sassy.mjs');

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CliAnswer {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  // Answers are read freely by tests: their shape is what is being tested.
  /* oxlint-disable typescript/no-explicit-any -- see above */
  /** The last line of stdout as JSON; throws where there is none. */
  json(): any;
  /** Every line of stdout as JSON. */
  lines(): any[];
}

/** Starts `sassy …` as a user would: a child process, only the environment that is given, plus PATH and TMPDIR. */
export function startCli(args: readonly string[], { cwd, env = {} }: CliOptions): ChildProcess {
  const inherited = { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), HOME: cwd };
  return spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function answerOf(child: ChildProcess): Promise<CliAnswer> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
    child.on('error', fail);
    child.on('close', (exitCode, exitSignal) => done([exitCode, exitSignal]));
  });
  const lines = (): any[] =>
    output.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { code, signal, ...output, lines, json: () => lines().at(-1) };
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliAnswer> {
  return answerOf(startCli(args, options));
}

export interface Workspace {
  readonly folder: string;
  remove(): void;
}

/** An empty folder to run commands in. */
export function workspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
