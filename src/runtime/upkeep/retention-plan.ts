import { hash } from 'node:crypto';
import type { StoredPage } from '../../model/page.ts';
import type { Keep, Retention } from '../../model/retention.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { LocatedPage, RawStream } from '../../store/raw-stream.ts';
import { canonicalJson } from '../../util/json.ts';
import { keySet } from '../dataset/key-set.ts';
import type { PageCut, PageCuts } from './page-cut.ts';
import { pageRecords, plainRecord } from '../dataset/page-records.ts';
import { recordKey } from '../dataset/record-key.ts';
import { shownPages } from '../dataset/stand-ins.ts';

/** What may go from a stream, oldest commits last. */
export interface RetentionPlan {
  readonly cuts: PageCuts;
  readonly records: number;
  /** Records that would go too, were it not for parsers that have not read them yet. */
  readonly heldBack: number;
  /** Compressed: before, and about what will be left. */
  readonly bytes: { readonly before: number; readonly after: number };
}

interface CommitCuts {
  /** What is older than `keep` says, and what is not but may go where the data takes too much room. */
  readonly past: Map<number, PageCut>;
  readonly rest: Map<number, PageCut>;
  records: number;
}

interface CommitFacts {
  readonly at: number;
  readonly bytes: number;
}

/**
 * Looks through a stream, newest first, for versions that a newer one has taken the place of (of a stream without keys: for
 * all its records), and picks those that the retention lets go. What a reader can still see stays: the newest version of
 * each key, and the last complete listing with all that came after it.
 */
export async function planRetention(
  raw: RawStream,
  definition: StreamDefinition,
  rule: Retention,
  { nowMs, parsedUpTo }: { readonly nowMs: number; readonly parsedUpTo: number },
): Promise<RetentionPlan> {
  const facts = new Map<number, CommitFacts>();
  let before = 0;
  for await (const { number, committedAt, segments } of raw.commits()) {
    const bytes = segments.flatMap(({ frames }) => frames).reduce((sum, { length }) => sum + length, 0);
    facts.set(number, { at: Date.parse(committedAt), bytes });
    before += bytes;
  }
  const found = new Map<number, CommitCuts>();
  const isPast = (keep: Keep, { commit, stored }: LocatedPage): boolean =>
    keep.kind === 'time'
      ? (facts.get(commit)?.at ?? nowMs) < nowMs - keep.ms
      : (stored.listing ?? 0) <= (raw.head?.state.listing?.complete ?? 0) - keep.count;
  const fate = (at: LocatedPage): Fate => {
    if (at.commit > parsedUpTo) return 'stays';
    if (rule.keep !== undefined && isPast(rule.keep, at)) return 'goes';
    return rule.maxBytes === undefined ? 'stays' : 'may go';
  };
  for await (const { at, cut, records } of superseded(raw, definition, fate)) {
    const own = found.get(at.commit) ?? {
      past: new Map<number, PageCut>(),
      rest: new Map<number, PageCut>(),
      records: 0,
    };
    own.records += records;
    if (cut !== undefined && rule.keep !== undefined && isPast(rule.keep, at)) own.past.set(at.page, cut);
    else if (cut !== undefined && rule.maxBytes !== undefined) own.rest.set(at.page, cut);
    found.set(at.commit, own);
  }
  const cuts = new Map<number, ReadonlyMap<number, PageCut>>();
  let [records, heldBack, after] = [0, 0, before];
  // Newest first were they found; the oldest go first where only so much has to.
  for (const [number, { past, rest, records: all }] of [...found].toReversed()) {
    const bytes = facts.get(number)?.bytes ?? 0;
    const pages = after <= (rule.maxBytes ?? Infinity) ? past : new Map([...past, ...rest]);
    const gone = [...pages.values()].reduce((sum, cut) => sum + (cut.indexes?.length ?? cut.of), 0);
    if (pages.size === 0) continue;
    if (number > parsedUpTo) {
      heldBack += gone;
      continue;
    }
    cuts.set(number, pages);
    records += gone;
    after -= all === 0 ? 0 : Math.round(bytes * (gone / all));
  }
  return { cuts, records, heldBack, bytes: { before, after } };
}

/** Of what is superseded on a page. */
type Fate = 'goes' | 'may go' | 'stays';

interface Superseded {
  readonly at: LocatedPage;
  readonly cut: PageCut | undefined;
  readonly records: number;
}

/** Every page, newest first, with the records in it that no reader would miss. */
async function* superseded(
  raw: RawStream,
  definition: StreamDefinition,
  fate: (at: LocatedPage) => Fate,
): AsyncGenerator<Superseded, void, void> {
  const standing = await standings(raw, definition);
  const isKeyed = definition.primaryKey.length > 0;
  const keyOf = recordKey(definition.primaryKey);
  const seen = keySet();
  // Versions that stay and were stored before as well: the first copy is the one that counts as new, so it stays too.
  const copies = new Map<string, Set<string>>();
  const referred = new Set<string>();
  try {
    for await (const at of raw.located({ order: 'newest' })) {
      const { stored } = at;
      const { records, problem } = pageRecords(definition, stored);
      const stand = standing(stored);
      const known = new Set(records.length === stored.recordCount ? stored.known : []);
      const gone: number[] = [];
      for (let index = records.length - 1; index >= 0; index -= 1) {
        const key = keyOf(records[index]);
        if (!isKeyed || key === undefined) {
          if (!isKeyed || stand === 'past') gone.push(index);
          continue;
        }
        if (stand === 'to come') continue;
        const copied = copies.get(key);
        const isCopied = copied?.has(contentHash(records[index])) === true;
        const isNewest = seen.add(key);
        if (!isNewest && !isCopied) gone.push(index);
        if (known.has(index)) {
          if (isNewest || isCopied || fate(at) === 'stays')
            copies.set(key, (copied ?? new Set()).add(contentHash(records[index])));
        } else if (isCopied) copied.delete(contentHash(records[index]));
      }
      const place = `${at.commit} ${at.page}`;
      const isWhole = gone.length === records.length;
      const { same } = stored;
      // A page that another stands for keeps its body as it is, and so does one whose own body is another's.
      const isBound = referred.has(place) || (same !== undefined && !isWhole);
      const isProtected = stand === 'to come' || stand === 'shown';
      const stays = isProtected || isBound || problem !== undefined || (gone.length === 0 && !isWhole);
      if (same !== undefined && (stays || fate(at) !== 'goes')) referred.add(`${same.commit} ${same.page}`);
      const isReference = same !== undefined;
      const cut: PageCut = { indexes: isWhole ? undefined : gone.toReversed(), of: records.length, isReference };
      yield { at, cut: stays ? undefined : cut, records: records.length };
    }
  } finally {
    seen.close();
  }
}

/**
 * Where a page stands: in a listing that nobody sees before it is complete; in what is shown as it is, whole; in a listing
 * before that; or among what only adds to what is there.
 */
type Standing = 'to come' | 'shown' | 'past' | 'adds';

async function standings(raw: RawStream, definition: StreamDefinition): Promise<(page: StoredPage) => Standing> {
  const complete = raw.head?.state.listing?.complete;
  const isIncremental = definition.cursor !== undefined;
  if (complete === undefined) return () => (isIncremental ? 'adds' : 'to come');
  const shown = await shownPages(raw, complete);
  // What an incremental stream adds to its last complete listing has the number of that one.
  const ofComplete = isIncremental && definition.primaryKey.length > 0 ? 'adds' : 'shown';
  return (page) => {
    const listing = page.listing ?? 0;
    if (listing > complete) return 'to come';
    if (listing === complete) return ofComplete;
    return shown?.has(page) === true ? 'shown' : 'past';
  };
}

function contentHash(record: unknown): string {
  return hash('sha256', canonicalJson(plainRecord(record)), 'base64url');
}
