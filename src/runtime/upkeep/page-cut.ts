import type { PageOrigin, StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { type EditedLine, editPages } from '../../store/page-edits.ts';
import { changedPageLine, decodePageLine, removedPageLine } from '../../store/page-line.ts';
import type { Rewriter } from '../../store/rewrite.ts';
import { withoutRecords } from './cut-records.ts';

/** What is to go from one stored page. */
export interface PageCut {
  /** Places in the selection, ascending; undefined for the whole page. */
  readonly indexes: readonly number[] | undefined;
  /** How many records the page's selection has. */
  readonly of: number;
  /** The page stands for another one. */
  readonly isReference: boolean;
  /** In place of the request that is kept with the page. */
  readonly request?: PageOrigin;
  /** Texts around the records that are to be unreadable. */
  readonly blank?: RegExp;
}

/** Commit → page → what goes from it. */
export type PageCuts = ReadonlyMap<number, ReadonlyMap<number, PageCut>>;

export interface CutPages {
  /** Records that are gone. */
  readonly records: number;
  readonly pages: number;
  /** Compressed bytes of the segments that were written anew. */
  readonly rewritten: number;
  /** Pages that stay whole: nobody can say what of their bytes to cut. */
  readonly uncut: number;
}

/**
 * Cuts records out of a stream. Pages that stand for others go first: between two commits of this there must be none that
 * stands for what is no longer there.
 */
export async function cutPages(
  writer: Rewriter,
  definition: StreamDefinition,
  cuts: PageCuts,
  signal: AbortSignal,
): Promise<CutPages> {
  let [records, pages, rewritten, uncut] = [0, 0, 0, 0];
  for (const isReference of [true, false]) {
    const own = new Map<number, ReadonlyMap<number, PageCut>>();
    for (const [commit, all] of cuts) {
      const some = new Map([...all].filter(([, cut]) => cut.isReference === isReference));
      if (some.size > 0) own.set(commit, some);
    }
    if (own.size === 0) continue;
    const done = await editPages(
      writer,
      own,
      (line, cut) => {
        const edited = cutLine(definition, line, cut);
        if (edited.line === line) uncut += 1;
        else records += cut.indexes?.length ?? cut.of;
        return edited;
      },
      signal,
    );
    pages += done.gone.pages;
    rewritten += done.bytes;
  }
  return { records, pages, rewritten, uncut };
}

/** A page's line without some of its records. The line itself when nobody can say what to cut. */
function cutLine(definition: StreamDefinition, line: Buffer, { indexes, of, request, blank }: PageCut): EditedLine {
  const page = decodePageLine(line);
  const isReference = page.same !== undefined;
  // Indexes speak of the selection that was stored: when the selector was changed since, they say nothing.
  const known = page.recordCount === of ? (page.known ?? []) : [];
  if (indexes === undefined) {
    const gone = { pages: 1, records: Math.max(0, of - known.length), bytes: isReference ? 0 : bodyBytes(page) };
    return { line: removedPageLine(of), gone };
  }
  const hasChange = !isReference && (indexes.length > 0 || blank !== undefined);
  const edited = hasChange ? withoutRecords(definition, page, indexes, blank) : undefined;
  const text = page.body.kind === 'json' && page.body.text === edited ? undefined : edited;
  if (!isReference && indexes.length > 0 && text === undefined)
    return { line, gone: { pages: 0, records: 0, bytes: 0 } };
  const cut = new Set(indexes);
  const fresh = indexes.filter((index) => !known.includes(index)).length;
  const changed = changedPageLine(line, {
    request: request ?? page.request,
    recordCount: of - cut.size,
    known: known.filter((index) => !cut.has(index)).map((index) => index - indexes.filter((one) => one < index).length),
    cut: (page.cut ?? 0) + cut.size,
    text,
  });
  const bytes = text === undefined ? 0 : Math.max(0, bodyBytes(page) - Buffer.byteLength(text));
  return { line: changed, gone: { pages: 0, records: fresh, bytes } };
}

/** True when these records can be cut out of a page, whose body is its own or that of the page it is the same as. */
export function canCut(definition: StreamDefinition, page: StoredPage, indexes: readonly number[]): boolean {
  return withoutRecords(definition, page, indexes) !== undefined;
}

function bodyBytes({ body }: StoredPage): number {
  return body.kind === 'json' ? Buffer.byteLength(body.text) : body.bytes.byteLength;
}
