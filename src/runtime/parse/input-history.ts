import { hash } from 'node:crypto';
import type { Commit } from '../../model/commit.ts';
import type { ParserPosition } from '../../sink/sink.ts';
import type { OpenInput } from './parser-inputs.ts';

type Inputs = readonly Pick<OpenInput, 'definition' | 'raw'>[];

/**
 * How far a parser has come, for its position: the newest commit of each input, and beside it a mark of which history that
 * number belongs to. When raw data is moved away and fetched again, or put back from a backup, commits are numbered
 * from where that begins: without the mark, what stands under numbers that were seen before would be passed over for good.
 */
export function seenCommits(inputs: Inputs): Readonly<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const { definition, raw } of inputs) {
    seen[definition.name] = raw.head?.number ?? 0;
    if (raw.head !== undefined) seen[markName(definition.name)] = markOf(raw.head);
  }
  return seen;
}

/**
 * The position without the inputs whose raw data is not the one it speaks of: of those all is read again. Calls
 * `onOther` for each. A position that was written without a mark is believed as long as its commit is there.
 */
export async function ofThisHistory(
  position: ParserPosition | undefined,
  inputs: Inputs,
  onOther: (stream: string) => void,
): Promise<ParserPosition | undefined> {
  if (position === undefined) return undefined;
  const others = new Set<string>();
  for (const { definition, raw } of inputs) {
    const { name } = definition;
    const number = position.commits[name];
    if (number === undefined || number === 0 || others.has(name)) continue;
    const mark = position.commits[markName(name)];
    const commit = raw.head?.number === number ? raw.head : await commitAt(raw, number);
    const isGone = number > (raw.head?.number ?? 0);
    if (!isGone && (mark === undefined || commit === undefined || markOf(commit) === mark)) continue;
    others.add(name);
    onOther(name);
  }
  if (others.size === 0) return position;
  const commits = Object.entries(position.commits).filter(([name]) => !others.has(name));
  return { ...position, commits: Object.fromEntries(commits) };
}

async function commitAt(raw: OpenInput['raw'], number: number): Promise<Commit | undefined> {
  for await (const commit of raw.commits({ after: number - 1, upTo: number })) return commit;
  return undefined;
}

/** No stream has a name with a blank. */
function markName(stream: string): string {
  return `history of ${stream}`;
}

/** 48 bits: a commit names the one before it by its checksum, so that this tells the whole history up to it. */
function markOf({ parent, number, epoch, runId, committedAt }: Commit): number {
  return Number.parseInt(hash('sha256', JSON.stringify([parent, number, epoch, runId, committedAt])).slice(0, 12), 16);
}
