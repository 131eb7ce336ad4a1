import { strict as assert } from 'node:assert';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { archivedRecords } from '../../src/runtime/dataset/archived-records.ts';
import { storedRecords } from '../../src/runtime/dataset/datasets.ts';
import { readableListing } from '../../src/runtime/dataset/readable-listing.ts';
import type { RawStream } from '../../src/store/raw-stream.ts';
import type { ModelApi } from './model-api.ts';

/** Throws when the last listing of the organisations is not what there is. */
export async function checkListing(api: ModelApi, orgs: RawStream): Promise<void> {
  const listing = readableListing((await orgs.state()) ?? { slices: {} });
  const listed: unknown[] = [];
  for await (const page of orgs.pages(listing === undefined ? {} : { listing: listing.number }))
    listed.push(...recordsOf(page.body, undefined));
  const ids = listed.map((record) => idOf(record)).sort();
  assert.deepEqual(ids, api.orgs(), 'the last listing is not the truth');
}

/** Throws when a newest version is not stored, or any version twice; within a listing where there are any. Gives their number. */
export async function checkVersions(api: ModelApi, issues: RawStream): Promise<number> {
  const stored = new Map<string, number>();
  const seen = new Set<number>();
  for await (const page of issues.pages()) {
    for (const record of recordsOf(page.body, page.known)) {
      const seq = Number(Object(record)['seq']);
      const place = `${page.listing ?? 0} ${seq}`;
      stored.set(place, (stored.get(place) ?? 0) + 1);
      seen.add(seq);
    }
  }
  const missing = [...api.truth().values()].filter(({ seq }) => !seen.has(seq));
  assert.deepEqual(missing, [], `${missing.length} rows are missing`);
  const doubled = [...stored].filter(([, times]) => times > 1);
  assert.deepEqual(doubled, [], `${doubled.length} versions are stored twice`);
  return seen.size;
}

/** Of a stream that is listed in full beside what changed: what is shown is what there is, the rest is archived. */
export async function checkShown(api: ModelApi, issues: RawStream, definition: StreamDefinition): Promise<void> {
  const upTo = issues.head?.number ?? 0;
  const shown = new Map<string, number>();
  for await (const { record } of storedRecords(issues, definition, { upTo })) {
    shown.set(idOf(record), Number(Object(record)['seq']));
  }
  const truth = new Map([...api.truth().values()].map(({ id, seq }) => [id, seq]));
  assert.deepEqual(shown, truth, 'what is shown is not what there is');
  const archived = new Set<string>();
  for await (const { record } of archivedRecords(issues, definition, { upTo })) archived.add(idOf(record));
  for (const id of truth.keys()) assert(!archived.has(id), `${id} is archived and there`);
  for await (const page of issues.pages()) {
    for (const record of recordsOf(page.body)) {
      assert(truth.has(idOf(record)) || archived.has(idOf(record)), `${idOf(record)} is neither there nor archived`);
    }
  }
}

function recordsOf(
  body: { readonly kind: string; readonly text?: string },
  known: readonly number[] = [],
): readonly unknown[] {
  assert.equal(body.kind, 'json');
  const parsed: unknown = JSON.parse(body.text ?? '');
  const data: unknown = Object(parsed)['data'];
  assert(Array.isArray(data));
  const leftOut = new Set(known);
  return data.filter((_record, index) => !leftOut.has(index));
}

function idOf(record: unknown): string {
  return String(Object(record)['id']);
}
