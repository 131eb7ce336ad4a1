import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Sink } from '../../src/sink/sink.ts';
import { readAll } from './things.ts';

const SCRIPT = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

/** Starts a writer, kills it `afterMs` after it is ready; gives the last commit that it told of. */
export async function killedWriter(
  kind: 'duckdb' | 'jsonl' | 'parquet' | 'stdout',
  folder: string,
  afterMs: number,
): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, kind, folder]);
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
  child.kill('SIGKILL');
  await closed;
  expect(errors).toBe('');
  return Number(output.trim().split('\n').slice(1).at(-1) ?? 0);
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
