import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entity } from '../../src/model/entity.ts';
import { SassyError } from '../../src/errors/sassy-error.ts';
import { ARCHIVED_AT, type EntityRow, type Sink } from '../../src/sink/sink.ts';
import { append, counts, idsOf, readAll, targetOf, Thing, THINGS } from './things.ts';

/** What every sink does. `open` opens the sink that lies in a folder, making it when there is none. */
export function describeSink(name: string, open: (folder: string) => Promise<Sink>): void {
  describe(`${name}: every sink`, () => {
    let folder: string;
    let sink: Sink;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sassy-sink-'));
      sink = await open(folder);
    });

    afterEach(async () => {
      await sink.close();
      await rm(folder, { recursive: true, force: true });
    });

    const reopen = async (): Promise<void> => {
      await sink.close();
      sink = await open(folder);
    };

    it('has no position, no tables and no rows at first', async () => {
      expect(await sink.position('things')).toBeUndefined();
      expect(await sink.tables()).toEqual([]);
      expect(await readAll(sink)).toEqual([]);
    });

    it('upserts by key with exact counts', async () => {
      expect(await append(sink, [{ id: 'b' }, { id: 'a', size: 1 }])).toEqual(counts(2, 0, 0));
      const next = [{ id: 'a', size: 1 }, { id: 'b', size: 2 }, { id: 'c' }];
      expect(await append(sink, next, { commit: 2 })).toEqual(counts(1, 1, 1));
      expect((await readAll(sink)).map(({ id, size }) => [id, size])).toEqual([
        ['a', 1],
        ['b', 2],
        ['c', null],
      ]);
      expect(await sink.tables()).toEqual(['things']);
    });

    it('changes nothing when a batch is repeated', async () => {
      const rows = Array.from({ length: 50 }, (_, index) => ({
        id: `t${index}`,
        tags: ['x'],
        seen: new Date(index),
        size: 0.1 * index,
      }));
      await append(sink, rows);
      expect(await append(sink, rows)).toEqual(counts(0, 0, 50));
      await reopen();
      expect(await append(sink, rows)).toEqual(counts(0, 0, 50));
      expect(await readAll(sink)).toHaveLength(50);
    });

    it('takes the last row of a key, within a write and between writes', async () => {
      const batch = await sink.begin(THINGS, 'append');
      await batch.write([
        { id: 'a', size: 1 },
        { id: 'b', size: 1 },
        { id: 'a', size: 2 },
      ]);
      await batch.write([{ id: 'a', size: 3 }]);
      expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(2, 0, 0));
      expect((await readAll(sink)).map((row) => row['size'])).toEqual([3, 1]);
      expect(
        await append(sink, [
          { id: 'a', size: 9 },
          { id: 'a', size: 3 },
        ]),
      ).toEqual(counts(0, 0, 1));
    });

    it('reads no row of a batch before its commit, and none after abort', async () => {
      await append(sink, [{ id: 'a', size: 1 }]);
      const batch = await sink.begin(THINGS, 'append');
      await batch.write([{ id: 'a', size: 2 }, { id: 'b' }]);
      expect(await readAll(sink)).toHaveLength(1);
      await batch.abort();
      await batch.abort();
      await reopen();
      expect((await readAll(sink)).map(({ id, size }) => [id, size])).toEqual([['a', 1]]);
      expect(await sink.position('things')).toEqual({ generation: 1, commits: { source: 1 }, codeHash: 'code-1' });
    });

    it('keeps the position with the rows', async () => {
      await append(sink, [{ id: 'a' }], { commit: 4 });
      await append(sink, [], { commit: 5 });
      await append(sink, [{ id: 'x' }], { target: { ...THINGS, parser: 'others' }, commit: 1 });
      await reopen();
      expect(await sink.position('things')).toEqual({ generation: 1, commits: { source: 5 }, codeHash: 'code-5' });
      expect(await sink.position('others')).toEqual({ generation: 1, commits: { source: 1 }, codeHash: 'code-1' });
    });

    it('makes generation 1 of an empty first batch', async () => {
      expect(await append(sink, [])).toEqual(counts(0, 0, 0));
      expect(await sink.tables()).toEqual(['things']);
      expect(await readAll(sink)).toEqual([]);
    });

    it('switches generations in one step', async () => {
      await append(sink, [{ id: 'a', size: 1 }, { id: 'b' }, { id: 'gone' }]);
      const batch = await sink.begin(THINGS, 'replace');
      expect(batch.generation).toBe(2);
      await batch.write([{ id: 'a', size: 2 }, { id: 'b' }, { id: 'new' }]);
      expect(await idsOf(sink)).toEqual(['a', 'b', 'gone']);
      expect(await batch.commit({ commits: { source: 7 }, codeHash: 'h2' })).toEqual(counts(1, 1, 1));
      expect(await idsOf(sink)).toEqual(['a', 'b', 'new']);
      await reopen();
      expect(await sink.position('things')).toEqual({ generation: 2, commits: { source: 7 }, codeHash: 'h2' });
      expect(await append(sink, [{ id: 'b', size: 5 }, { id: 'gone' }], { commit: 8 })).toEqual(counts(1, 1, 0));
      expect(await idsOf(sink)).toEqual(['a', 'b', 'gone', 'new']);
    });

    it('goes through many generations', async () => {
      for (let number = 1; number <= 5; number++) {
        await append(sink, [{ id: 'a', size: number }, { id: `only-${number}` }], { mode: 'replace', commit: number });
      }
      await reopen();
      expect(await idsOf(sink)).toEqual(['a', 'only-5']);
      expect((await sink.position('things'))?.generation).toBe(5);
    });

    it('leaves all as it was when a new generation is aborted', async () => {
      await append(sink, [{ id: 'a' }]);
      const batch = await sink.begin(THINGS, 'replace');
      await batch.write([{ id: 'z' }]);
      await batch.compare(5);
      await batch.abort();
      await reopen();
      expect(await idsOf(sink)).toEqual(['a']);
      expect((await sink.position('things'))?.generation).toBe(1);
      await append(sink, [{ id: 'z' }], { mode: 'replace' });
      expect(await idsOf(sink)).toEqual(['z']);
    });

    it('compares a new generation with the present one', async () => {
      const rows = Array.from({ length: 20 }, (_, index) => ({
        id: `t${String(index).padStart(2, '0')}`,
        size: index,
        tags: ['a'],
      }));
      await append(sink, rows);
      const batch = await sink.begin(THINGS, 'replace');
      const changed = rows
        .slice(3)
        .map((row, index) =>
          index < 2 ? { ...row, title: 'new', tags: ['a', 'b'] } : index < 3 ? { ...row, size: -1 } : row,
        );
      await batch.write([...changed, { id: 'x1' }, { id: 'x2' }]);
      expect(await batch.compare(6)).toEqual({
        added: 2,
        gone: 3,
        changed: 3,
        unchanged: 14,
        fields: { title: 2, tags: 2, size: 1 },
        examples: [
          {
            kind: 'changed',
            key: 't03',
            fields: { title: { before: null, after: 'new' }, tags: { before: ['a'], after: ['a', 'b'] } },
          },
          {
            kind: 'changed',
            key: 't04',
            fields: { title: { before: null, after: 'new' }, tags: { before: ['a'], after: ['a', 'b'] } },
          },
          { kind: 'gone', key: 't00', fields: {} },
          { kind: 'gone', key: 't01', fields: {} },
          { kind: 'added', key: 'x1', fields: {} },
          { kind: 'added', key: 'x2', fields: {} },
        ],
      });
      expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(2, 3, 14));
    });

    it('compares an append, where nothing is gone, and a first batch, where all is new', async () => {
      const first = await sink.begin(THINGS, 'append');
      await first.write([{ id: 'a' }, { id: 'b' }]);
      expect(await first.compare(1)).toEqual({
        added: 2,
        gone: 0,
        changed: 0,
        unchanged: 0,
        fields: {},
        examples: [{ kind: 'added', key: 'a', fields: {} }],
      });
      await first.commit({ commits: {}, codeHash: 'h' });
      const second = await sink.begin(THINGS, 'append');
      await second.write([{ id: 'a', title: 'x' }]);
      expect(await second.compare(0)).toEqual({
        added: 0,
        gone: 0,
        changed: 1,
        unchanged: 0,
        fields: { title: 1 },
        examples: [],
      });
      await second.abort();
    });

    it('takes a field that is added to the entity: null in old rows, which are not changed by it', async () => {
      await append(sink, [{ id: 'a' }, { id: 'b' }]);
      const wider = targetOf(entity('Thing', { key: 'id' }, { ...Thing.shape, owner: z.string().nullish() }));
      expect(await append(sink, [{ id: 'a' }, { id: 'b', owner: 'me' }], { target: wider, commit: 2 })).toEqual(
        counts(0, 1, 1),
      );
      await reopen();
      expect((await readAll(sink)).map((row) => row['owner'])).toEqual([null, 'me']);
    });

    it('takes away a field that has left the entity', async () => {
      await append(sink, [
        { id: 'a', title: 'x' },
        { id: 'b', title: 'y' },
      ]);
      const narrow = targetOf(entity('Thing', { key: 'id' }, { id: z.string(), size: z.number().nullish() }));
      expect(await append(sink, [{ id: 'a', size: 1 }], { target: narrow, commit: 2 })).toEqual(counts(0, 1, 0));
      expect(await readAll(sink)).toEqual([
        { id: 'a', size: 1 },
        { id: 'b', size: null },
      ]);
      await append(sink, [{ id: 'c', title: 'z' }], { commit: 3 });
      expect((await readAll(sink)).map((row) => row['title'])).toEqual([null, 'y', 'z']);
    });

    it('refuses a field of another type, and takes it into a new generation', async () => {
      await append(sink, [{ id: 'a', size: 1 }]);
      const other = targetOf(entity('Thing', { key: 'id' }, { ...Thing.shape, size: z.string() }));
      await expect(append(sink, [{ id: 'a', size: 'big' }], { target: other })).rejects.toMatchObject({
        code: 'SINK_FAILED',
        message: expect.stringContaining('size as number, not text'),
        fix: expect.stringContaining('restream'),
      });
      expect(await append(sink, [{ id: 'a', size: 'big' }], { target: other, mode: 'replace' })).toEqual(
        counts(0, 1, 0),
      );
      expect((await readAll(sink)).map((row) => row['size'])).toEqual(['big']);
    });

    it('moves a parser to another table in one step', async () => {
      await append(sink, [{ id: 'a' }]);
      const renamed = targetOf(entity('Item', { key: 'id' }, Thing.shape));
      await expect(append(sink, [], { target: renamed })).rejects.toMatchObject({ code: 'SINK_FAILED' });
      await append(sink, [{ id: 'a' }], { target: renamed, mode: 'replace' });
      expect(await sink.tables()).toEqual(['items']);
      expect(await readAll(sink, 'things')).toEqual([]);
      expect(await idsOf(sink, 'items')).toEqual(['a']);
    });

    it('shows the rows of all parsers that yield a table', async () => {
      await append(sink, [{ id: 'a' }, { id: 'c' }]);
      const wider = targetOf(entity('Thing', { key: 'id' }, { ...Thing.shape, owner: z.string() }), 'others');
      await append(sink, [{ id: 'b', owner: 'me' }], { target: wider });
      expect((await readAll(sink)).map(({ id, owner }) => [id, owner])).toEqual([
        ['a', null],
        ['b', 'me'],
        ['c', null],
      ]);
      await append(sink, [{ id: 'd' }], { mode: 'replace', commit: 2 });
      expect(await idsOf(sink)).toEqual(['b', 'd']);
    });

    it('keeps compound keys apart and in order', async () => {
      const schema = entity('Link', { key: ['org', 'number'] }, { org: z.string(), number: z.int(), note: z.string() });
      const target = targetOf(schema, 'links');
      const rows = [
        ['b', 1],
        ['a', 10],
        ['a', 9],
        ['["a",9]', 1],
        ['a,9', 1],
      ].map(([org, number]) => ({ org, number, note: 'x' }));
      expect(await append(sink, rows, { target })).toEqual(counts(5, 0, 0));
      const batch = await sink.begin(target, 'append');
      await batch.write([{ org: 'a', number: 9, note: 'y' }]);
      expect((await batch.compare(1)).examples).toEqual([
        { kind: 'changed', key: '["a",9]', fields: { note: { before: 'x', after: 'y' } } },
      ]);
      await batch.abort();
      expect((await readAll(sink, 'links')).map(({ org, number }) => [org, number])).toEqual([
        ['["a",9]', 1],
        ['a', 9],
        ['a', 10],
        ['a,9', 1],
        ['b', 1],
      ]);
    });

    it('orders text keys by code point and limits what it reads', async () => {
      await append(
        sink,
        ['é', 'z', '😀', '\uffee', 'Z', '10', '9'].map((id) => ({ id })),
      );
      expect(await idsOf(sink)).toEqual(['10', '9', 'Z', 'z', 'é', '\uffee', '😀']);
      expect(await readAll(sink, 'things', 2)).toHaveLength(2);
      expect(await readAll(sink, 'things', 0)).toEqual([]);
    });

    it('keeps every value', async () => {
      const schema = entity(
        'Odd "one"',
        { key: 'id', table: 'odd "ones"' },
        {
          id: z.string(),
          'a "b".c': z.string(),
          Order: z.boolean(),
          int: z.int(),
          big: z.bigint(),
          float: z.number(),
          at: z.date(),
          day: z.iso.date(),
          any: z.unknown(),
          deep: z.object({ at: z.date(), n: z.bigint() }),
        },
      );
      const row = {
        id: `a\u0000'b"c\n\t😀`,
        'a "b".c': 'x'.repeat(200_000),
        Order: false,
        int: Number.MIN_SAFE_INTEGER,
        big: 9223372036854775807n,
        float: 1e-300,
        at: new Date('2024-02-29T23:59:59.999Z'),
        day: '2024-02-29',
        any: {
          z: [1, null, undefined, { '': '\u0000\u2028' }],
          a: undefined,
          __proto__x: true,
          e: 1e21,
          big: 2n ** 80n,
        },
        deep: { at: new Date(0), n: 5n },
      };
      const target = targetOf(schema, 'odd');
      await append(sink, [row], { target });
      expect(
        await append(sink, [{ ...row, any: { e: 1e21, big: 2n ** 80n, z: row.any.z, __proto__x: true } }], { target }),
      ).toEqual(counts(0, 0, 1));
      await reopen();
      const [read] = await readAll(sink, 'odd "ones"');
      expect(JSON.parse(JSON.stringify(read))).toEqual({
        ...row,
        big: '9223372036854775807',
        at: '2024-02-29T23:59:59.999Z',
        deep: { at: '1970-01-01T00:00:00.000Z', n: 5 },
        any: { z: [1, null, null, { '': '\u0000\u2028' }], __proto__x: true, e: 1e21, big: String(2n ** 80n) },
      });
    });

    it('holds half an emoji as U+FFFD', async () => {
      await append(sink, [{ id: 'a', title: 'cut \ud83d', tags: ['\udc00'] }]);
      expect(await readAll(sink)).toMatchObject([{ title: 'cut \ufffd', tags: ['\ufffd'] }]);
    });

    it('refuses by name what it could not keep, and changes nothing', async () => {
      await append(sink, [{ id: 'before' }]);
      const refused: readonly (readonly [EntityRow, string])[] = [
        [{ id: null }, 'Thing null, field id'],
        [{ id: '' }, 'never null or empty'],
        [{ id: 'x\ud83d' }, 'field id'],
        [{ id: 'k1', size: Number.NaN }, 'Thing "k1", field size'],
        [{ id: 'k1', tags: [Number.POSITIVE_INFINITY] }, 'Thing "k1", field tags'],
        [{ id: 'k1', seen: new Date(Number.NaN) }, 'Thing "k1", field seen'],
        [{ id: 'k1', tags: new Map([[1, 2]]) }, 'Thing "k1", field tags'],
        [{ id: 'k1', size: '7' }, 'Thing "k1", field size'],
        [{ id: 'k1', colour: 'red' }, 'Thing "k1", field colour'],
      ];
      for (const [row, message] of refused) {
        await expect(append(sink, [{ id: 'good' }, row], { commit: 2 })).rejects.toMatchObject({
          code: 'SINK_FAILED',
          message: expect.stringContaining(message),
        });
      }
      expect(await idsOf(sink)).toEqual(['before']);
      expect((await sink.position('things'))?.commits).toEqual({ source: 1 });
    });

    it('refuses an integer beyond 64 bits', async () => {
      const target = targetOf(entity('Big', { key: 'id' }, { id: z.bigint() }), 'bigs');
      expect(await append(sink, [{ id: 2n ** 63n - 1n }, { id: -(2n ** 63n) }, { id: 3n }], { target })).toEqual(
        counts(3, 0, 0),
      );
      expect(await idsOf(sink, 'bigs')).toEqual(['-9223372036854775808', 3, '9223372036854775807']);
      await expect(append(sink, [{ id: 2n ** 63n }], { target })).rejects.toMatchObject({
        message: expect.stringContaining('Big 9223372036854775808, field id'),
      });
    });

    it('lets one batch of a parser be open at a time, and batches of several parsers', async () => {
      const one = await sink.begin(THINGS, 'append');
      await expect(sink.begin(THINGS, 'append')).rejects.toMatchObject({ code: 'SINK_FAILED' });
      const two = await sink.begin({ ...THINGS, parser: 'others' }, 'append');
      await one.write([{ id: 'a' }]);
      await two.write([{ id: 'b' }]);
      const position = { commits: {}, codeHash: 'h' };
      expect(await Promise.all([one.commit(position), two.commit(position)])).toEqual([
        counts(1, 0, 0),
        counts(1, 0, 0),
      ]);
      expect(await idsOf(sink)).toEqual(['a', 'b']);
    });

    it('stops a batch when another sink has committed meanwhile', async () => {
      await append(sink, [{ id: 'a' }]);
      const other = await open(folder);
      for (const mode of ['append', 'replace'] as const) {
        const slow = await sink.begin(THINGS, mode);
        await slow.write([{ id: 'slow' }]);
        await append(other, [{ id: 'b' }], { commit: mode === 'append' ? 2 : 3 });
        await expect(slow.commit({ commits: {}, codeHash: 'h' })).rejects.toMatchObject({
          code: 'FENCED',
          exitCode: 75,
        });
      }
      await other.close();
      expect(await idsOf(sink)).toEqual(['a', 'b']);
      expect(await append(sink, [{ id: 'c' }], { commit: 4 })).toEqual(counts(1, 0, 0));
    });

    it('goes back to the former generation in one step, and forth again', async () => {
      await append(sink, [{ id: 'a', size: 1 }, { id: 'old' }]);
      await expect(sink.rollback('things')).rejects.toMatchObject({ code: 'NOTHING_THERE' });
      await append(sink, [{ id: 'a', size: 2 }, { id: 'new' }], { mode: 'replace', commit: 2 });
      expect(await sink.rollback('things')).toEqual({ generation: 1, commits: { source: 1 }, codeHash: 'code-1' });
      await reopen();
      expect(await idsOf(sink)).toEqual(['a', 'old']);
      expect((await sink.position('things'))?.generation).toBe(1);
      expect(await sink.rollback('things')).toMatchObject({ generation: 2, commits: { source: 2 } });
      expect(await idsOf(sink)).toEqual(['a', 'new']);
      await sink.rollback('things');
      expect(await append(sink, [{ id: 'b' }], { commit: 3 })).toEqual(counts(1, 0, 0));
      expect(await idsOf(sink)).toEqual(['a', 'b', 'old']);
      await append(sink, [{ id: 'c' }], { mode: 'replace', commit: 4 });
      expect((await sink.position('things'))?.generation).toBe(3);
      expect(await idsOf(sink)).toEqual(['c']);
      await sink.rollback('things');
      expect(await idsOf(sink)).toEqual(['a', 'b', 'old']);
    });

    it('amends: a new generation that begins as a copy of the present one', async () => {
      await append(sink, [
        { id: 'a', size: 1 },
        { id: 'b', size: 1 },
      ]);
      const batch = await sink.begin(THINGS, 'amend');
      expect(batch.generation).toBe(2);
      await batch.write([{ id: 'b', size: 2 }, { id: 'c' }]);
      expect(await batch.compare(0)).toMatchObject({ added: 1, gone: 0, changed: 1 });
      expect(await batch.commit({ commits: { source: 2 }, codeHash: 'h' })).toEqual(counts(1, 1, 0));
      await reopen();
      expect((await readAll(sink)).map(({ id, size }) => [id, size])).toEqual([
        ['a', 1],
        ['b', 2],
        ['c', null],
      ]);
      await sink.rollback('things');
      expect((await readAll(sink)).map(({ id, size }) => [id, size])).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
    });

    it('asks before it commits, and stays as it was when that throws', async () => {
      await append(sink, [{ id: 'a' }, { id: 'b' }]);
      const batch = await sink.begin(THINGS, 'append');
      await batch.write([{ id: 'b', size: 1 }, { id: 'c' }]);
      const asked: unknown[] = [];
      const refusal = batch.commit({ commits: {}, codeHash: 'h' }, (change, live) => {
        asked.push(change, live);
        throw new SassyError('TOO_MANY_ARCHIVED', { message: 'no' });
      });
      await expect(refusal).rejects.toMatchObject({ code: 'TOO_MANY_ARCHIVED' });
      expect(asked).toEqual([counts(1, 1, 0), 2]);
      await reopen();
      expect(await idsOf(sink)).toEqual(['a', 'b']);
      expect((await sink.position('things'))?.commits).toEqual({ source: 1 });
      expect(await append(sink, [{ id: 'c' }], { commit: 2 })).toEqual(counts(1, 0, 0));
    });

    it('counts what is archived, and what comes back to life', async () => {
      const target = { ...THINGS, columns: [...THINGS.columns, ARCHIVED_AT] };
      const at = new Date('2026-01-02T03:04:05.678Z');
      await append(sink, [{ id: 'a' }, { id: 'b' }, { id: 'c' }], { target });
      expect(await append(sink, [{ id: 'a' }, { id: 'b', archivedAt: at }], { target, commit: 2 })).toEqual({
        ...counts(0, 0, 1),
        archived: 1,
      });
      await reopen();
      expect((await readAll(sink)).map(({ id, archivedAt }) => [id, archivedAt])).toEqual([
        ['a', undefined],
        ['b', at.toISOString()],
        ['c', undefined],
      ]);
      let live = 0;
      const again = await sink.begin(target, 'append');
      await again.write([
        { id: 'b', archivedAt: at },
        { id: 'c', archivedAt: at },
      ]);
      expect(await again.commit({ commits: {}, codeHash: 'h' }, (_counts, before) => void (live = before))).toEqual({
        ...counts(0, 0, 1),
        archived: 1,
      });
      expect(live).toBe(2);
      expect(await append(sink, [{ id: 'b' }], { target, commit: 4 })).toEqual(counts(0, 1, 0));
      const next = [{ id: 'a' }, { id: 'b' }, { id: 'd', archivedAt: at }];
      expect(await append(sink, next, { target, mode: 'replace', commit: 5 })).toEqual({
        ...counts(0, 0, 2),
        archived: 1,
      });
    });

    it('takes a generation from before there was anything to archive', async () => {
      await append(sink, [{ id: 'a' }, { id: 'b' }]);
      const target = { ...THINGS, columns: [...THINGS.columns, ARCHIVED_AT] };
      expect(await append(sink, [{ id: 'a' }, { id: 'b', archivedAt: new Date(0) }], { target })).toEqual({
        ...counts(0, 0, 1),
        archived: 1,
      });
      expect((await readAll(sink)).map((row) => 'archivedAt' in row)).toEqual([false, true]);
    });

    it('takes 10,000 rows', async () => {
      const rows = Array.from({ length: 10_000 }, (_, index) => ({
        id: `t${index % 9_000}`,
        title: `title ${index}`,
        size: index,
        seen: new Date(index),
        tags: ['a', `${index}`],
      }));
      expect(await append(sink, rows)).toEqual(counts(9_000, 0, 0));
      expect(await append(sink, rows.slice(5_000), { commit: 2 })).toEqual(counts(0, 0, 5_000));
      expect(await append(sink, rows.slice(0, 1_000), { commit: 3 })).toEqual(counts(0, 1_000, 0));
      const read = await readAll(sink);
      expect(read).toHaveLength(9_000);
      expect(read.find((row) => row['id'] === 't8000')).toMatchObject({ size: 8_000, tags: ['a', '8000'] });
    });
  });
}
