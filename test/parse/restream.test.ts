import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { defineIntegration, defineStream, entity, incremental, fullRefresh, parser, ref } from '../../src/index.ts';
import { z } from 'zod';
import { readLimit } from '../../src/model/limit.ts';
import { entityHistory } from '../../src/runtime/parse/why.ts';
import { streamDrift } from '../../src/runtime/parse/drift.ts';
import { withOrphans } from '../../src/runtime/parse/orphans.ts';
import { canonicalJson } from '../../src/util/json.ts';
import { type Connection, connection } from './connection.ts';
import { base, Item, items, Items, Listed, source, Thing } from './things.ts';

const plain = parser({ items: incremental(Items) }, Thing, async function* ({ items: all }) {
  for await (const { id, size } of all) yield { id, size };
});
const doubled = parser({ items: incremental(Items) }, Thing, async function* ({ items: all }) {
  for await (const { id, size } of all) yield { id, size: size * 2 };
});
const of = (parsers: Parameters<typeof defineIntegration>[0]['parsers']) =>
  defineIntegration({
    ...base,
    streams: [Items, Listed],
    entities: [Thing],
    ...(parsers === undefined ? {} : { parsers }),
  });

let open: Connection | undefined;
afterEach(() => open?.remove());
async function opened(exported: unknown): Promise<Connection> {
  open = await connection(exported);
  return open;
}

describe('restream', () => {
  it('with a brake: above it no parser is switched, also none that changed nothing', async () => {
    const at = await opened(of({ one: plain, two: plain }));
    await at.page('items', items(200));
    await at.runAll('parse');
    const changed = at.under(of({ one: plain, two: doubled }));
    const braked = await changed.runAll('restream', { maxChanged: readLimit('0.5%') });
    expect(braked.map(({ result }) => result.error?.code)).toEqual([undefined, 'TOO_MANY_CHANGED']);
    expect(braked[1]?.error).toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('200 of 200'),
      why: '200 changed (200 in size)',
    });
    expect((await at.rows('things')).map(({ size }) => size)).not.toContain(2);
    await at.withSink(async (sink) => {
      expect((await sink.position('one'))?.generation).toBe(1);
      expect((await sink.position('two'))?.generation).toBe(1);
    });
    const through = await changed.runAll('restream', { maxChanged: readLimit(200) });
    expect(through.map(({ result }) => [result.error, result.generation, result.entities.changed])).toEqual([
      [undefined, 2, 0],
      [undefined, 2, 200],
    ]);
  });

  it('--from: the records from a commit on, in a copy of the present generation', async () => {
    const at = await opened(of({ things: plain }));
    await at.page('items', items(3));
    await at.page('items', items(3, 5, 2));
    await at.run('parse');
    const after = at.under(of({ things: doubled }));
    const { result } = await after.run('restream', {
      from: (stream) => (stream === 'items' ? 2 : undefined),
      codeHash: 'new',
    });
    expect(result).toMatchObject({ generation: 2, inputs: { items: 3 }, entities: { changed: 3, added: 0 } });
    expect((await after.rows('things')).map(({ size }) => size)).toEqual([1, 1, 10, 10, 10]);
    // What was not made again is of the old code, and goes on being told.
    await after.page('items', items(1, 1, 9));
    expect((await after.run('parse', { codeHash: 'new' })).result.codeChanged).toBe(true);
    await at.withSink((sink) => sink.rollback('things'));
    expect((await after.rows('things')).map(({ size }) => size)).toEqual([1, 1, 5, 5, 5]);
    const first = await opened(of({ things: plain }));
    await first.page('items', items(1));
    expect((await first.run('restream', { from: () => 1 })).error).toMatchObject({ code: 'NOTHING_THERE' });
    await at.remove();
  });

  it('twice of the same raw data gives the same rows to the byte', async () => {
    const at = await opened(of({ things: plain }));
    for (let page = 0; page < 5; page += 1) await at.page('items', items(500, page, page * 300));
    const digest = async (): Promise<string> => {
      await at.run('restream');
      return createHash('sha256')
        .update(canonicalJson(await at.rows('things')))
        .digest('hex');
    };
    expect(await digest()).toBe(await digest());
  });

  it('tells that the code has changed until the whole is made again', async () => {
    const at = await opened(of({ things: plain }));
    await at.page('items', items(2));
    await at.run('parse', { codeHash: (one) => `a-${one.name}` });
    await at.page('items', items(1, 9));
    expect((await at.run('parse', { codeHash: () => 'b' })).result.codeChanged).toBe(true);
    expect((await at.run('parse', { codeHash: () => 'b' })).result.codeChanged).toBe(true);
    expect((await at.run('restream', { codeHash: () => 'b' })).result.codeChanged).toBeUndefined();
    expect((await at.run('parse', { codeHash: () => 'b' })).result.codeChanged).toBeUndefined();
  });
});

describe('expectations', () => {
  const expecting = (expect_: NonNullable<Parameters<typeof defineStream>[0]['expect']>) => {
    const stream = defineStream({ name: 'listed', record: Item, primaryKey: 'id', source, expect: expect_ });
    const things = parser({ listed: fullRefresh(stream) }, Thing, async function* ({ listed }) {
      for await (const { id, size } of listed) yield { id, size };
    });
    return defineIntegration({
      ...base,
      streams: [stream],
      entities: [Thing],
      parsers: { things },
      maxArchived: '100%',
    });
  };

  it('a least number of records', async () => {
    const at = await opened(expecting({ minRecords: 3 }));
    await at.page('listed', items(2), { listing: 1 });
    expect((await at.run('parse')).error).toMatchObject({
      code: 'EXPECTATION_FAILED',
      message: expect.stringContaining('has 2 records, at least 3'),
    });
    await at.page('listed', items(3), { listing: 2 });
    expect((await at.run('parse')).error).toBeUndefined();
  });

  it('at most so many fewer than the complete listing before', async () => {
    const at = await opened(expecting({ maxDrop: '50 %' }));
    await at.page('listed', items(10), { listing: 1 });
    await at.page('listed', items(5), { listing: 2 });
    expect((await at.run('parse')).error).toBeUndefined();
    await at.page('listed', items(1), { listing: 3, complete: false });
    expect((await at.run('parse')).error).toBeUndefined();
    await at.page('listed', items(1), { listing: 3 });
    await at.page('listed', items(2), { listing: 4 });
    await at.page('listed', items(0), { listing: 5 });
    expect((await at.run('parse')).error).toMatchObject({
      code: 'EXPECTATION_FAILED',
      message: expect.stringContaining('has 0 records, the one before had 2'),
    });
  });

  it('fields that are there', async () => {
    const at = await opened(expecting({ required: { label: '50 %', '/size': '100%' } }));
    await at.page('listed', [...items(2), { id: 'x', size: 1, label: 'a' }], { listing: 1 });
    expect((await at.run('parse')).error).toMatchObject({
      code: 'EXPECTATION_FAILED',
      message: expect.stringContaining('label is there in 1 of 3 records, at least 2'),
    });
    expect(await at.rows('things')).toEqual([]);
  });
});

describe('why', () => {
  it('tells every version of an entity with the place it came from', async () => {
    const at = await opened(of({ things: doubled }));
    await at.page('items', items(5));
    await at.page('items', items(2, 4, 3));
    await at.page('items', items(1, 4, 3));
    const [things] = at.manifest.parsers;
    if (things === undefined) throw new Error('none');
    const history = await entityHistory(at.context, things, 'i0003', 20);
    expect(history).toMatchObject({ parser: 'things', stream: 'items', count: 2 });
    expect(history?.versions).toMatchObject([
      {
        commit: 1,
        lastCommit: 1,
        pointer: '/data/3',
        entity: { id: 'i0003', size: 2 },
        changed: {},
        request: { method: 'GET', url: 'https://api.example.com/items?run=1' },
      },
      {
        commit: 2,
        lastCommit: 3,
        pointer: '/data/0',
        runId: 'run-2',
        entity: { size: 8 },
        changed: { size: { before: 2, after: 8 } },
      },
    ]);
    expect(await entityHistory(at.context, things, 'nobody', 20)).toBeUndefined();
  });

  it('tells of a version that no longer fits why it makes none', async () => {
    const at = await opened(of({ things: plain }));
    await at.page('items', [{ id: 'a', size: 'odd' }]);
    await at.page('items', [{ id: 'a', size: 3 }]);
    const [things] = at.manifest.parsers;
    const history = things && (await entityHistory(at.context, things, 'a', 20));
    expect(history?.versions[0]).toMatchObject({
      entity: undefined,
      problem: expect.stringContaining('does not match the schema'),
    });
    expect(history?.versions[1]).toMatchObject({ entity: { size: 3 }, changed: {} });
  });
});

describe('drift', () => {
  it('tells what appeared, vanished and changed, with the first example and the commit', async () => {
    const at = await opened(of({ things: plain }));
    const made = (count: number, more: object, from = 0) => items(count, 1, from).map((item) => ({ ...item, ...more }));
    await at.page('items', made(60, { state: 'open', old: 1, deep: { a: 1 } }));
    const stream = at.manifest.streams.find(({ name }) => name === 'items');
    if (stream === undefined) throw new Error('none');
    expect((await streamDrift(at.context, stream, 0)).changes).toEqual([]);
    await at.page('items', made(30, { state: 'done', deep: { a: 'x', b: 2 }, fresh: [{ k: 1 }] }, 100));
    const { changes, sampled } = await streamDrift(at.context, stream, 0);
    expect(sampled).toBe(90);
    expect(changes.map(({ kind, path, commit, example }) => [kind, path, commit, example])).toEqual([
      ['type', '/deep/a', 2, '"x"'],
      ['appeared', '/deep/b', 2, '2'],
      ['appeared', '/fresh', 2, '[1 items]'],
      ['vanished', '/old', 2, '1'],
      ['value', '/state', 2, '"done"'],
    ]);
    expect((await streamDrift(at.context, stream, 2)).changes).toEqual([]);
  });
});

describe('relations', () => {
  it('counts what points to nothing, when all parsers are done', async () => {
    const Part = entity('Part', { key: 'id' }, { id: z.string(), thing: ref(Thing).nullish() });
    const parts = parser({ items: incremental(Items) }, Part, async function* ({ items: all }) {
      for await (const { id, size } of all) yield { id: `p-${id}`, thing: size > 1 ? 'nobody' : id };
    });
    const at = await opened(
      defineIntegration({ ...base, streams: [Items], entities: [Thing, Part], parsers: { parts, things: plain } }),
    );
    await at.page('items', [...items(3), ...items(2, 2, 10)]);
    const outcomes = await at.runAll('parse');
    const [first, second] = await at.withSink((sink) => withOrphans(sink, at.manifest.parsers, outcomes));
    expect(first?.result.orphans).toEqual([{ field: 'thing', to: 'Thing', count: 2 }]);
    expect(second?.result.orphans).toBeUndefined();
  });
});
