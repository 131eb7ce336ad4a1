import { join } from 'node:path';
import { replaceDurably } from '../../store/durable-file.ts';
import type { Host } from '../../util/host.ts';
import { isObject } from '../../util/json.ts';

/** Takes lines out of text files, or mends them. */
export interface FileEdit {
  readonly host: Host;
  /** False: only count. */
  readonly writes: boolean;
}

/** Lines of a folder's JSONL files that are to go. Gives how many there were; a file of which nothing is left goes too. */
export async function removeLines(
  { host, writes }: FileEdit,
  folder: string,
  goes: (entry: Readonly<Record<string, unknown>>, line: string) => boolean,
): Promise<number> {
  let count = 0;
  for (const name of await host.fs.list(folder)) {
    if (!name.endsWith('.jsonl')) continue;
    const path = join(folder, name);
    const lines = (await host.fs.readFile(path)).toString('utf8').split('\n');
    const kept = lines.filter((line) => line === '' || !goes(entryOf(line), line));
    count += lines.length - kept.length;
    if (!writes || kept.length === lines.length) continue;
    if (kept.every((line) => line === '')) await host.fs.unlink(path);
    else await replaceDurably(host, path, [Buffer.from(kept.join('\n'))]);
  }
  if (count > 0 && writes) await host.fs.syncFolder(folder);
  return count;
}

/** Texts in a folder's JSONL files that are to be unreadable. Gives how many lines had any. */
export async function blankTexts(
  { host, writes }: FileEdit,
  folder: string,
  patterns: readonly RegExp[],
): Promise<number> {
  let count = 0;
  for (const name of await host.fs.list(folder)) {
    if (!name.endsWith('.jsonl')) continue;
    const path = join(folder, name);
    const text = (await host.fs.readFile(path)).toString('utf8');
    let changed = 0;
    const lines = text.split('\n').map((line) => {
      const blank = patterns.reduce((rest, pattern) => rest.replaceAll(pattern, '(erased)'), line);
      if (blank !== line) changed += 1;
      return blank;
    });
    count += changed;
    if (changed > 0 && writes) await replaceDurably(host, path, [Buffer.from(lines.join('\n'))]);
  }
  return count;
}

/** Finds any of these texts as they are spelled in JSON; undefined when there are none. */
export function jsonTexts(texts: Iterable<string>): RegExp | undefined {
  const spelled = [...texts]
    .sort((a, b) => b.length - a.length)
    .map((text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
    );
  return spelled.length === 0 ? undefined : new RegExp(spelled.join('|'), 'g');
}

function entryOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
