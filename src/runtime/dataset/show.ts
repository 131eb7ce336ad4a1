import type { StreamDefinition } from '../../model/stream.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { StoredPage } from '../../model/page.ts';
import { elementTexts } from '../../util/json-text.ts';
import { storedRecords } from './datasets.ts';

/**
 * The records of a stream as JSON texts, each cut out of the vendor's own bytes: numbers and escapes are spelled as
 * they came. The newest version of each key, or every version, oldest first.
 */
export async function* showStream(
  blobs: BlobStore,
  definition: StreamDefinition,
  options: { readonly all: boolean; readonly limit: number | undefined },
): AsyncIterable<string> {
  const raw = await openRawStream(blobs, definition.name);
  const range = { upTo: raw.head?.number ?? 0, allVersions: options.all };
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let texts: { readonly page: StoredPage; readonly list: readonly string[] | undefined } | undefined;
  for await (const { page, index, record } of storedRecords(raw, definition, range)) {
    if (left <= 0) return;
    if (texts?.page !== page) texts = { page, list: textsOf(definition, page) };
    yield texts.list?.[index] ?? JSON.stringify(record);
    left -= 1;
  }
}

function textsOf(definition: StreamDefinition, page: StoredPage): readonly string[] | undefined {
  const pointer = definition.source.recordsPointer;
  return pointer === undefined || page.body.kind !== 'json' ? undefined : elementTexts(page.body.text, pointer);
}
