import type { Commit } from '../../model/commit.ts';
import type { CommitRange } from '../../store/commit-log.ts';
import type { RawStream } from '../../store/raw-stream.ts';

/** A stream as it was when commit `number` was its newest: what came later is not seen. */
export async function rawAsOf(raw: RawStream, number: number): Promise<RawStream> {
  if (raw.head === undefined || number >= raw.head.number) return raw;
  let head: Commit | undefined;
  for await (const commit of raw.commits({ after: number - 1, upTo: number })) head = commit;
  const upTo = <R extends CommitRange>(range: R): R => ({ ...range, upTo: Math.min(number, range.upTo ?? number) });
  return {
    ...raw,
    head,
    commits: (range = {}) => raw.commits(upTo(range)),
    pages: (query = {}) => raw.pages(upTo(query)),
    located: (query = {}) => raw.located(upTo(query)),
    heads: (query = {}) => raw.heads(upTo(query)),
    chunks: (query, share) => raw.chunks(upTo(query), share),
  };
}
