import { join } from 'node:path';
import type { Host } from '../util/host.ts';

/** Writes what a run did as `runs/<run id>.jsonl`, one event a line: for people and tools that look back. */
export async function writeRunLog(host: Host, folder: string, runId: string, lines: readonly string[]): Promise<void> {
  await host.fs.mkdir(folder);
  await host.fs.writeNew(join(folder, `${runId}.jsonl`), [Buffer.from(lines.map((line) => `${line}\n`).join(''))]);
}
