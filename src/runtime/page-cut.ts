import type { PageOrigin, StoredPage } from '../model/page.ts';
import type { StreamDefinition } from '../model/stream.ts';
import type { EditedLine } from '../store/page-edits.ts';
import { changedPageLine, decodePageLine, removedPageLine } from '../store/page-line.ts';
import { withoutRecords } from './cut-records.ts';

/** What is to go from one stored page. */
export interface PageCut {
  /** Places in the selection, ascending; undefined for the whole page. */
  readonly indexes: readonly number[] | undefined;
  /** How many records the page's selection has. */
  readonly of: number;
  /** In place of the request that is kept with the page. */
  readonly request?: PageOrigin;
}

/** A page's line without some of its records. The line itself when nobody can say what to cut. */
export function cutLine(definition: StreamDefinition, line: Buffer, { indexes, of, request }: PageCut): EditedLine {
  const page = decodePageLine(line);
  const isReference = page.same !== undefined;
  // Indexes speak of the selection that was stored: when the selector was changed since, they say nothing.
  const known = page.recordCount === of ? (page.known ?? []) : [];
  if (indexes === undefined) {
    const gone = { pages: 1, records: Math.max(0, of - known.length), bytes: isReference ? 0 : bodyBytes(page) };
    return { line: removedPageLine(of), gone };
  }
  const text = isReference || indexes.length === 0 ? undefined : withoutRecords(definition, page, indexes);
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
