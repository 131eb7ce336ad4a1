import { join } from 'node:path';
import type { Host } from '../../util/host.ts';
import { isObject } from '../../util/json.ts';
import type { QuarantinedLine } from './quarantine-line.ts';
import { problemsOf, type QuarantineEntry } from '../dataset/quarantine-entry.ts';

/** The files of one parser: one for each run that quarantined something. */
export function quarantineFolder(parsed: string, parser: string): string {
  return join(parsed, 'quarantine', parser);
}

/** Writes what a run has collected; undefined when there is nothing. Before the sink commits: so nothing is ever in neither. */
export async function writeQuarantine(
  host: Host,
  folder: string,
  runId: string,
  lines: readonly QuarantinedLine[],
): Promise<string | undefined> {
  if (lines.length === 0) return undefined;
  const file = join(folder, `${runId}.jsonl`);
  await host.fs.mkdir(folder);
  await host.fs.unlink(file);
  await host.fs.writeNew(file, [Buffer.from(`${lines.map(({ line }) => line).join('\n')}\n`)]);
  await host.fs.syncFolder(folder);
  return file;
}

/** Removes the files of other runs: what they held came home, or is in the file of `runId`. */
export async function clearQuarantine(host: Host, folder: string, runId: string): Promise<void> {
  for (const name of await host.fs.list(folder)) {
    if (name !== `${runId}.jsonl` && name.endsWith('.jsonl')) await host.fs.unlink(join(folder, name));
  }
}

/** What is in quarantine, oldest run first; of a record that two runs met, the later entry. */
export async function readQuarantine(host: Host, folder: string): Promise<readonly QuarantinedLine[]> {
  const found = new Map<string, QuarantinedLine>();
  const names = (await host.fs.list(folder)).filter((name) => name.endsWith('.jsonl'));
  for (const name of [...names].sort()) {
    const text = (await host.fs.readFile(join(folder, name))).toString('utf8');
    for (const [number, line] of text.split('\n').entries()) {
      if (line === '') continue;
      const entry = entryOf(JSON.parse(line), `${name}:${number + 1}`);
      found.delete(entry.id);
      found.set(entry.id, { entry, line });
    }
  }
  return [...found.values()];
}

function entryOf(value: unknown, place: string): QuarantineEntry {
  const line = isObject(value) ? value : {};
  const text = (name: string): string | undefined => (typeof line[name] === 'string' ? line[name] : undefined);
  const { kind, problems, request, slice, index } = line;
  return {
    id: text('id') ?? place,
    kind: kind === 'entity' || kind === 'thrown' ? kind : 'record',
    stream: text('stream') ?? '',
    key: text('key'),
    problems: problemsOf({ issues: problems }),
    entity: line['entity'],
    request: isObject(request) ? { method: String(request['method']), url: String(request['url']) } : undefined,
    fetchedAt: text('fetchedAt'),
    slice: isObject(slice)
      ? Object.fromEntries(Object.entries(slice).map(([name, part]) => [name, String(part)]))
      : undefined,
    index: typeof index === 'number' ? index : undefined,
    pointer: text('pointer'),
    runId: text('runId') ?? '',
    record: line['record'],
  };
}
