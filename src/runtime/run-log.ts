import { join } from 'node:path';
import type { Host } from '../util/host.ts';

/** Writes what a run did as `runs/<run id>.jsonl`, one event a line: what `status` and other tools read later. */
export async function writeRunLog(
  host: Host,
  folder: string,
  runId: string,
  events: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await host.fs.mkdir(folder);
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await host.fs.writeNew(join(folder, `${runId}.jsonl`), [Buffer.from(text)]);
}
