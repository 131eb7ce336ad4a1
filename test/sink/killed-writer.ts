import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Sink } from '../../src/sink/sink.ts';
import { readAll } from '../../src/testing/sink-things.ts';

const SCRIPT = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

export type WriterKind = 'duckdb' | 'jsonl' | 'parquet' | 'postgres' | 'stdout';

/** How many times a test kills: a few, or SASSY_KILLS. */
export function kills(few: number): number {
  return Number(process.env['SASSY_KILLS'] ?? few);
}

interface Killing {
  /** For the PostgreSQL sink. */
  readonly url?: string;
  /** Kills something else than the writer, which must then end by itself, with an error. */
  readonly kill?: () => Promise<void>;
}

/** Starts a writer, kills it `afterMs` after it is ready; gives the last commit that it told of. */
export async function killedWriter(
  kind: WriterKind,
  folder: string,
  afterMs: number,
  { url = '', kill }: Killing = {},
): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, kind, folder], {
    env: { ...process.env, SASSY_POSTGRES_URL: url },
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (output.startsWith('ready')) resolve();
    });
  });
  const closed = once(child, 'close');
  await Promise.race([ready, closed]);
  await delay(afterMs);
  if (kill === undefined) child.kill('SIGKILL');
  else await kill();
  await closed;
  if (kill === undefined) expect(errors).toBe('');
  else expect(errors).toContain('SINK_UNAVAILABLE');
  return Number(output.trim().split('\n').slice(1).at(-1) ?? 0);
}

/** Runs a writer up to a commit, undisturbed. */
export async function wholeWriter(kind: WriterKind, folder: string, until: number, url = ''): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', SCRIPT, kind, folder, String(until)],
    {
      env: { ...process.env, SASSY_POSTGRES_URL: url },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code]: unknown[] = await once(child, 'close');
  expect(code).toBe(0);
}

/** The rows are exactly those of the commit that the position tells. Gives that commit. */
export async function expectWholeState(sink: Sink): Promise<number> {
  const commit = (await sink.position('things'))?.commits['source'] ?? 0;
  const rows = await readAll(sink);
  const updated = rows.filter((row) => String(row['id']).startsWith('row-'));
  const added = rows
    .filter((row) => String(row['id']).startsWith('new-'))
    .map((row) => Number(String(row['id']).slice(4)));
  expect(updated).toHaveLength(commit === 0 ? 0 : 50);
  expect(new Set(updated.map((row) => row['size']))).toEqual(new Set(commit === 0 ? [] : [commit]));
  expect(added.sort((a, b) => a - b)).toEqual(Array.from({ length: commit }, (_, index) => index + 1));
  return commit;
}
