import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StoredPage } from '../../src/model/page.ts';
import { readBytes, readKeep } from '../../src/model/retention.ts';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { archivedRecords } from '../../src/runtime/dataset/archived-records.ts';
import { storedRecords } from '../../src/runtime/dataset/datasets.ts';
import { planErase } from '../../src/runtime/upkeep/erase-plan.ts';
import { cutPages } from '../../src/runtime/upkeep/page-cut.ts';
import { planRetention } from '../../src/runtime/upkeep/retention-plan.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream, type RawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import type { Host } from '../../src/util/host.ts';
import { collect, testPage } from './pages.ts';
import { seededRandom } from './seeded-random.ts';
import { simDisk } from './sim-fs.ts';
import { simMachine } from './sim-host.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);

interface Version {
  readonly id: string;
  readonly text: string;
}

const source = { read: nothing, select: dataOf, recordsPointer: '/data' };
const Incremental: StreamDefinition = {
  name: 'items',
  record: z.unknown(),
  primaryKey: ['/id'],
  cursor: { pointer: '/at', lookBackMs: 0 },
  slices: { kind: 'whole' },
  source,
};
const { cursor: _cursor, ...Listed } = Incremental;
/** What changed, and now and then all of it. */
const Both: StreamDefinition = { ...Incremental, fullEvery: { runs: 2 } };

/** A store in memory; each commit is a day later than the one before. */
function store(): { readonly host: Host; readonly commit: (day: number) => Host } {
  const random = seededRandom(7);
  const disk = simDisk(random.fork());
  const host = simMachine('a', random.fork()).host(disk.start(() => 'ok'));
  const commit = (daysAgo: number): Host => ({ ...host, clock: { ...host.clock, now: () => NOW - daysAgo * DAY } });
  return { host, commit };
}

const writerOf = (host: Host) => ({ host, blobs: fileBlobStore(host, '/data'), stream: 'items', epoch: 1, runId: 'r' });
const open = (host: Host): Promise<RawStream> => openRawStream(fileBlobStore(host, '/data'), 'items');

async function retain(host: Host, definition: StreamDefinition, keep: string, upTo = Infinity): Promise<number> {
  const rule = readKeep(keep);
  const plan = await planRetention(await open(host), definition, rule === undefined ? {} : { keep: rule }, {
    nowMs: NOW,
    parsedUpTo: upTo,
  });
  await cutPages(writerOf(host), definition, plan.cuts, new AbortController().signal);
  return plan.heldBack;
}

async function erase(host: Host, definition: StreamDefinition, key: string): Promise<number> {
  const plan = await planErase(await open(host), definition, key, false);
  await cutPages(writerOf(host), definition, plan.cuts, new AbortController().signal);
  return plan.versions;
}

/** What readers show of a stream, in every way there is. */
async function views(host: Host, definition: StreamDefinition) {
  const raw = await open(host);
  const upTo = raw.head?.number ?? 0;
  const texts = async (records: AsyncIterable<{ readonly record: unknown }>): Promise<readonly unknown[]> =>
    (await collect(records)).map(({ record }) => record);
  return {
    newest: await texts(storedRecords(raw, definition, { upTo })),
    all: await texts(storedRecords(raw, definition, { upTo, allVersions: true })),
    since: await texts(storedRecords(raw, definition, { upTo, sinceListing: 1 })),
    archived: await texts(archivedRecords(raw, definition, { upTo })),
  };
}

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e');

describe('what is kept of an incremental stream', () => {
  it('is every version of the last days, and the newest of each key, whatever was fetched twice', async () => {
    const page = fc.array(fc.record({ id: keys, text: fc.constantFrom('1', '2', '3') }), {
      minLength: 1,
      maxLength: 5,
    });
    const commits = fc.array(fc.array(page, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(commits, fc.nat(7), fc.nat(7), keys, async (all, days, parsed, erased) => {
        const { host, commit } = store();
        const stored: { readonly version: Version; readonly day: number; readonly commit: number }[] = [];
        for (const [index, pages] of all.entries()) {
          const day = all.length - index;
          const writer = await openRawWriter({ ...writerOf(commit(day)), frameBytes: 200 });
          for (const versions of pages) {
            // The same version as the one before is known, as a look-back finds it.
            const known: number[] = [];
            for (const [at, version] of versions.entries()) {
              const last = stored.findLast((one) => one.version.id === version.id);
              if (last?.version.text === version.text) known.push(at);
              stored.push({ version, day, commit: index + 1 });
            }
            const more = { recordCount: versions.length, ...(known.length === 0 ? {} : { known }) };
            writer.append(testPage(JSON.stringify({ data: versions }), more), versions.length - known.length);
          }
          await writer.commit({ slices: { '{}': { cursor: String(index) } } });
        }
        const before = await views(host, Incremental);
        await retain(host, Incremental, `${days}d`, parsed);
        const after = await views(host, Incremental);
        expect(after.newest).toEqual(before.newest);

        const newest = new Map(stored.map(({ version }) => [version.id, version.text]));
        const young = stored.filter(({ day, commit: number }) => day <= days || number > parsed);
        for (const { version } of young) expect(after.all.concat(after.newest)).toContainEqual(version);
        for (const [id, text] of newest) expect(after.all).toContainEqual({ id, text });
        const allowed = [...young.map(({ version }) => version), ...[...newest].map(([id, text]) => ({ id, text }))];
        for (const version of after.all) expect(allowed).toContainEqual(version);
        // A second time there is nothing to do.
        await retain(host, Incremental, `${days}d`, parsed);
        expect(await views(host, Incremental)).toEqual(after);

        await erase(host, Incremental, erased);
        const without = (list: readonly unknown[]): readonly unknown[] =>
          list.filter((one) => z.object({ id: z.string() }).parse(one).id !== erased);
        const left = await views(host, Incremental);
        expect(left).toEqual({
          newest: without(after.newest),
          all: without(after.all),
          since: without(after.since),
          archived: [],
        });
        const { records, pages } = await (await open(host)).totals();
        expect(pages).toBeLessThanOrEqual(all.flat().length);
        expect(records).toBe(left.all.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is kept of a stream that is listed', () => {
  it('is the last complete listing, what came after it, and the last version of whatever is gone', async () => {
    const listing = fc.record({
      pages: fc.array(fc.constantFrom(['a', 'b'], ['c'], ['b', 'd', 'e']), { minLength: 1, maxLength: 3 }),
      complete: fc.boolean(),
      /** Which pages the server says are unchanged, where the listing before had the same keys there. */
      asks: fc.boolean(),
      /** What runs after it add to it. */
      adds: fc.array(fc.uniqueArray(keys, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
    });
    const definitions = fc.constantFrom(Listed, Both);
    await fc.assert(
      fc.asyncProperty(
        definitions,
        fc.array(listing, { minLength: 1, maxLength: 6 }),
        fc.nat(7),
        keys,
        async (of, all, days, erased) => {
          const { host, commit } = store();
          let complete: number | undefined;
          let last: { readonly keys: string; readonly commit: number; readonly page: number }[] = [];
          for (const [index, { pages, complete: isComplete, asks, adds }] of all.entries()) {
            const number = index + 1;
            const writer = await openRawWriter({ ...writerOf(commit(all.length - index)), frameBytes: 200 });
            const own: typeof last = [];
            const commits = (writer.head?.number ?? 0) + 1;
            for (const [at, ids] of pages.entries()) {
              const same = asks ? last.find((one) => one.keys === ids.join()) : undefined;
              const text = JSON.stringify({ data: ids.map((id) => ({ id, text: String(number) })) });
              const more = { listing: number, recordCount: ids.length };
              if (same === undefined) writer.append(testPage(text, more), ids.length);
              else {
                const reference = { commit: same.commit, page: same.page };
                writer.append(testPage('', { ...more, status: 304, same: reference }), ids.length);
              }
              own.push({ keys: ids.join(), ...(same ?? { commit: commits, page: at }) });
            }
            if (isComplete) {
              complete = number;
              last = own;
            }
            const startedAt = '2026-01-01T00:00:00.000Z';
            const state = { current: number, startedAt, ...(complete === undefined ? {} : { complete }) };
            await writer.commit({ slices: {}, listing: state }, number);
            for (const ids of of === Both && complete === number ? adds : []) {
              const text = JSON.stringify({ data: ids.map((id) => ({ id, text: `${number} and more` })) });
              writer.append(testPage(text, { listing: number, recordCount: ids.length }), ids.length);
              await writer.commit({ slices: { '{}': { cursor: text } }, listing: state }, number);
            }
          }
          const before = await views(host, of);
          await retain(host, of, `${days}d`);
          const after = await views(host, of);
          expect({ ...after, all: [] }).toEqual({ ...before, all: [] });
          await retain(host, of, '1 listing');
          const fewer = await views(host, of);
          expect({ ...fewer, all: [] }).toEqual({ ...before, all: [] });

          await erase(host, of, erased);
          const without = (list: readonly unknown[]): readonly unknown[] =>
            list.filter((one) => z.object({ id: z.string() }).parse(one).id !== erased);
          expect(await views(host, of)).toEqual({
            newest: without(fewer.newest),
            all: without(fewer.all),
            since: without(fewer.since),
            archived: without(fewer.archived),
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has nothing of listings that are older than asked for, but for what is gone since', async () => {
    const { host, commit } = store();
    for (let number = 1; number <= 4; number += 1) {
      const writer = await openRawWriter(writerOf(commit(5 - number)));
      const ids = number === 1 ? ['a', 'gone'] : ['a', 'b'];
      const text = JSON.stringify({ data: ids.map((id) => ({ id, text: String(number) })) });
      writer.append(testPage(text, { listing: number, recordCount: 2 }), 2);
      const listing = { current: number, complete: number, startedAt: '2026-01-01T00:00:00.000Z' };
      await writer.commit({ slices: {}, listing }, number);
    }
    await retain(host, Listed, '2 listings');
    const { all, archived } = await views(host, Listed);
    expect(all).toEqual([
      { id: 'gone', text: '1' },
      { id: 'a', text: '3' },
      { id: 'b', text: '3' },
      { id: 'a', text: '4' },
      { id: 'b', text: '4' },
    ]);
    expect(archived).toEqual([{ id: 'gone', text: '1' }]);
    const cut = (await collect((await open(host)).pages())).map(({ cut: number }: StoredPage) => number);
    expect(cut).toEqual([1, undefined, undefined]);
  });
});

describe('rules', () => {
  it('are read, and refused when they are none', () => {
    expect(readKeep('90d')).toMatchObject({ kind: 'time', ms: 90 * DAY });
    expect(readKeep('5 listings')).toMatchObject({ kind: 'listings', count: 5 });
    for (const bad of ['90', 'd', '-1d', '0 listings', '1.5d', '5 versions']) expect(readKeep(bad)).toBeUndefined();
    expect([readBytes('2GB'), readBytes('1.5 kB'), readBytes('10'), readBytes('2 GiB')]).toEqual([
      2e9,
      1500,
      10,
      undefined,
    ]);
  });
});

// oxlint-disable-next-line require-yield -- a source that is never read
async function* nothing(): AsyncGenerator<never, void, void> {
  await Promise.reject(new Error('nothing is fetched here'));
}

function dataOf(body: unknown): readonly unknown[] {
  return z.object({ data: z.array(z.unknown()) }).parse(body).data;
}
