import { SassyError } from '../../errors/sassy-error.ts';
import type { PageOrigin, StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { RawStream } from '../../store/raw-stream.ts';
import { isObject } from '../../util/json.ts';
import { keysMeant, tellingParts, wholePattern } from './erase-key.ts';
import { canCut, type PageCut, type PageCuts } from './page-cut.ts';
import { pageRecords, plainRecord } from '../dataset/page-records.ts';
import { recordKey } from '../dataset/record-key.ts';

/** What has to go for one record. */
export interface ErasePlan {
  readonly cuts: PageCuts;
  /** Stored versions of the record, and other records that go with whole pages. */
  readonly versions: number;
  readonly others: number;
  /** Pages that hold it. */
  readonly pages: number;
  /** Pages that mention the key and give no records: nobody can say what is in them. */
  readonly unreadable: number;
  /** Texts that stand in the record: what would betray it in a log. */
  readonly telling: ReadonlySet<string>;
}

/** Shorter texts, and such as stand in every record, say nothing of one. */
const SHORT = 8;
const TIME = /^\d{4}-\d\d-\d\dT/;

/** Finds every stored version of a record. Changes nothing. USAGE when it cannot be cut out of a page. */
export async function planErase(
  raw: RawStream,
  definition: StreamDefinition,
  key: string,
  wholePages: boolean,
): Promise<ErasePlan> {
  const keyOf = recordKey(definition.primaryKey);
  const meant = keysMeant(key);
  const pattern = wholePattern(tellingParts(key));
  const cuts = new Map<number, Map<number, PageCut>>();
  const telling = new Set<string>();
  // Pages that went whole: what is the same as one of them goes too.
  const whole = new Set<string>();
  let [versions, others, pages, unreadable] = [0, 0, 0, 0];
  for await (const { commit, page, stored } of raw.located()) {
    const { records, problem } = pageRecords(definition, stored);
    if (problem !== undefined && mentions(stored, pattern)) unreadable += 1;
    const indexes = records.flatMap((record, index) => (meant.has(keyOf(record) ?? '') ? [index] : []));
    const request = withoutKey(stored.request, pattern);
    // The page's own token or link may be the record's key.
    const isAround = stored.same === undefined && mentions(stored, pattern);
    if (indexes.length === 0 && request === undefined && !isAround) continue;
    for (const index of indexes) collectTexts(plainRecord(records[index]), telling);
    const takesWhole = indexes.length > 0 && isWhole(stored);
    if (takesWhole) whole.add(`${commit} ${page}`);
    const cut: PageCut = {
      indexes: takesWhole ? undefined : indexes,
      of: records.length,
      isReference: stored.same !== undefined,
      ...(request === undefined ? {} : { request }),
      ...(isAround && pattern !== undefined ? { blank: pattern } : {}),
    };
    cuts.set(commit, (cuts.get(commit) ?? new Map<number, PageCut>()).set(page, cut));
    versions += indexes.length;
    pages += indexes.length > 0 ? 1 : 0;
    if (takesWhole) others += records.length - indexes.length;

    function isWhole({ same }: StoredPage): boolean {
      if (same !== undefined) return whole.has(`${same.commit} ${same.page}`);
      if (indexes.length === records.length && definition.source.recordsPointer === undefined) return true;
      if (canCut(definition, stored, indexes)) return false;
      if (indexes.length === records.length || wholePages) return true;
      throw uncuttable(definition.name, key, commit, records.length - indexes.length);
    }
  }
  return { cuts, versions, others, pages, unreadable, telling };
}

/** True when the body of a page holds a text that the pattern finds. */
export function mentions({ body }: StoredPage, pattern: RegExp | undefined): boolean {
  if (pattern === undefined) return false;
  return (body.kind === 'json' ? body.text : body.bytes.toString('utf8')).search(pattern) >= 0;
}

/** The request without the record's key; undefined when it does not stand there. */
function withoutKey(request: PageOrigin, pattern: RegExp | undefined): PageOrigin | undefined {
  if (pattern === undefined) return undefined;
  const { method, url, body } = request;
  const mended = {
    method,
    url: url.replaceAll(pattern, '(erased)'),
    ...(body === undefined ? {} : { body: body.replaceAll(pattern, '(erased)') }),
  };
  return mended.url === url && mended.body === body ? undefined : mended;
}

function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (value.length >= SHORT && !TIME.test(value)) into.add(value);
  } else if (Array.isArray(value)) for (const item of value) collectTexts(item, into);
  else if (isObject(value)) for (const item of Object.values(value)) collectTexts(item, into);
}

function uncuttable(stream: string, key: string, commit: number, others: number): SassyError {
  return new SassyError('USAGE', {
    message: `the record ${JSON.stringify(key)} cannot be cut out of a page of ${stream} (commit ${commit})`,
    why: 'its body is no JSON, or the stream makes its records of things that stand in several places',
    state: 'nothing was changed',
    fix: `--whole-pages removes that page with ${others} other records; stream --full fetches those again`,
  });
}
