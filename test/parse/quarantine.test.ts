import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineIntegration, defineStream, fullRefresh, incremental, parser } from '../../src/index.ts';
import { quarantineFolder, readQuarantine } from '../../src/runtime/parse/quarantine-files.ts';
import { retryQuarantine } from '../../src/runtime/parse/quarantine-retry.ts';
import type { ParserOutcome } from '../../src/runtime/parse/parser-run.ts';
import { type Connection, connection } from './connection.ts';
import { base, Item, items, Items, source, Thing } from './things.ts';

const things = parser({ items: incremental(Items) }, Thing, async function* ({ items: all }) {
  for await (const { id, size } of all) yield { id, size };
});
const strict = { ...base, streams: [Items], entities: [Thing], parsers: { things } };

describe('quarantine', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());

  async function opened(exported: unknown): Promise<Connection> {
    open = await connection(exported);
    return open;
  }
  const inside = (at: Connection) => readQuarantine(at.context.host, quarantineFolder(at.paths.parsed, 'things'));
  const retry = (at: Connection, runId: string): Promise<readonly ParserOutcome[]> =>
    at.withSink((sink) => retryQuarantine({ ...at.context, runId }, [sink], at.manifest.parsers, () => 'code'));

  it('keeps what does not fit, with page, pointer and path, and brings every record home after a mend', async () => {
    const at = await opened(defineIntegration(strict));
    const wrong = [{ id: 'w1', size: 'big' }, { id: 'w2' }];
    await at.page('items', [...items(300), ...wrong]);
    const { result, drift } = await at.run('parse');
    expect(result).toMatchObject({ quarantined: 2, entities: { added: 300 } });
    expect(drift.map(({ stream, path, count }) => [stream, path, count])).toEqual([['items', '/size', 2]]);
    const entries = (await inside(at)).map(({ entry }) => entry);
    expect(entries).toMatchObject([
      { kind: 'record', stream: 'items', key: 'w2', pointer: '/data/301', record: { id: 'w2' } },
      { kind: 'record', stream: 'items', key: 'w1', pointer: '/data/300', record: { id: 'w1', size: 'big' } },
    ]);
    expect(entries[0]?.request?.url).toContain('https://api.example.com/items');

    const [still] = await retry(at, 'x1');
    expect(still?.result).toMatchObject({ quarantined: 2, retried: { before: 2, home: 0 } });

    const Mended = z.looseObject({ id: z.string(), size: z.union([z.number(), z.literal('big')]).default(0) });
    const Wide = defineStream({ name: 'items', record: Mended, primaryKey: 'id', cursor: 'at', source });
    const mended = at.under(
      defineIntegration({
        ...base,
        streams: [Wide],
        entities: [Thing],
        parsers: {
          things: parser({ items: incremental(Wide) }, Thing, async function* ({ items: all }) {
            for await (const { id, size } of all) yield { id, size: size === 'big' ? 1_000 : size };
          }),
        },
      }),
    );
    const [home] = await retry(mended, 'x2');
    expect(home?.result).toMatchObject({
      quarantined: 0,
      retried: { before: 2, home: 2 },
      entities: { added: 2, changed: 0 },
    });
    expect(await inside(mended)).toEqual([]);
    expect((await mended.rows('things')).filter(({ id }) => String(id).startsWith('w'))).toMatchObject([
      { id: 'w1', size: 1_000 },
      { id: 'w2', size: 0 },
    ]);
    expect(await retry(mended, 'x3')).toEqual([]);
  });

  it('retries the newest version, so that an old one never goes over a new one', async () => {
    const at = await opened(defineIntegration(strict));
    await at.page('items', [...items(20), { id: 'w', size: 'old' }]);
    expect((await at.run('parse')).result.quarantined).toBe(1);
    await at.page('items', [{ id: 'w', size: 7 }]);
    expect((await at.run('parse')).result.entities.added).toBe(1);
    const [home] = await retry(at, 'x');
    expect(home?.result).toMatchObject({ quarantined: 0, entities: { added: 0, changed: 0, unchanged: 1 } });
    expect((await at.rows('things')).find(({ id }) => id === 'w')).toMatchObject({ size: 7 });
  });

  it('does not hold a record twice when a parse is repeated, and is made anew by a restream', async () => {
    const at = await opened(defineIntegration(strict));
    await at.page('items', [...items(20), { id: 'w', size: 'x' }]);
    await at.run('parse', { runId: 'a' });
    await at.run('restream', { runId: 'b' });
    expect(await inside(at)).toHaveLength(1);
    expect(await readdir(join(at.paths.parsed, 'quarantine', 'things'))).toEqual(['b.jsonl']);
  });

  it('stops before it changes anything above 1 % or 100 records', async () => {
    const at = await opened(defineIntegration(strict));
    await at.page('items', [...items(500), ...items(20, 1, 500).map((item) => ({ ...item, size: null }))]);
    const share = await at.run('parse');
    expect(share.error).toMatchObject({ code: 'TOO_MANY_INVALID', exitCode: 6 });
    expect(share.result.error?.message).toContain('20 of 520 records of items');
    expect(await at.rows('things')).toEqual([]);
    expect(await inside(at)).toEqual([]);
    await at.page('items', [
      ...items(20_000, 1, 1000),
      ...items(101, 1, 30_000).map((item) => ({ ...item, size: null })),
    ]);
    expect((await at.run('parse')).error).toMatchObject({ code: 'TOO_MANY_INVALID' });
  });

  it.each([
    ['5 %', 20, true],
    ['5 %', 30, false],
    [25, 25, true],
    [25, 26, false],
  ] as const)('takes the budget %s of a stream: %i of 500', async (failureBudget, wrong, isFine) => {
    const Own = defineStream({ name: 'items', record: Item, primaryKey: 'id', cursor: 'at', source, failureBudget });
    const run = parser({ items: incremental(Own) }, Thing, async function* ({ items: all }) {
      for await (const { id, size } of all) yield { id, size };
    });
    const at = await opened(
      defineIntegration({ ...base, streams: [Own], entities: [Thing], parsers: { things: run } }),
    );
    await at.page('items', [...items(500 - wrong), ...items(wrong, 1, 900).map((item) => ({ ...item, size: null }))]);
    expect((await at.run('parse')).error === undefined).toBe(isFine);
  });

  it('takes the budget of the integration, and refuses one that is none', async () => {
    const at = await opened(defineIntegration({ ...strict, failureBudget: '10 %' }));
    await at.page('items', [...items(100), ...items(10, 1, 900).map((item) => ({ ...item, size: null }))]);
    expect((await at.run('parse')).error).toBeUndefined();
    // @ts-expect-error that is no limit
    await expect(connection(defineIntegration({ ...strict, failureBudget: 'many' }))).rejects.toThrow(/failureBudget/);
  });

  it('holds an entity that does not fit, with the record that was in hand', async () => {
    const Parents = defineStream({ name: 'parents', record: Item, primaryKey: 'id', source });
    const joined = parser({ items: incremental(Items), parents: fullRefresh(Parents) }, Thing, async function* (given) {
      const parents = await given.parents.keyBy('id');
      for await (const { id, size } of given.items) {
        const wrong: unknown = { id, size: 'none' };
        // A parser in JavaScript has no compiler that says so.
        if (id === 'i0003') yield wrong as Item;
        else yield { id, size: size + (parents.size > 0 ? 0 : 1) };
      }
    });
    const at = await opened(
      defineIntegration({ ...base, streams: [Items, Parents], entities: [Thing], parsers: { things: joined } }),
    );
    await at.page('parents', items(5));
    await at.page('items', items(9));
    expect((await at.run('parse')).result).toMatchObject({ quarantined: 1, entities: { added: 8 } });
    expect((await inside(at))[0]?.entry).toMatchObject({
      kind: 'entity',
      stream: 'items',
      key: 'i0003',
      entity: { size: 'none' },
    });
  });

  it('checks the JSON Schema that a stream names', async () => {
    const jsonSchema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['id', 'state'],
      properties: { state: { enum: ['on', 'off'] } },
    };
    const Named = defineStream({
      name: 'items',
      record: Item,
      primaryKey: 'id',
      cursor: 'at',
      source,
      jsonSchema,
      failureBudget: 9,
    });
    const run = parser({ items: incremental(Named) }, Thing, async function* ({ items: all }) {
      for await (const { id, size } of all) yield { id, size };
    });
    const at = await opened(
      defineIntegration({ ...base, streams: [Named], entities: [Thing], parsers: { things: run } }),
    );
    await at.page('items', [
      { id: 'a', size: 1, state: 'on' },
      { id: 'b', size: 1 },
      { id: 'c', size: 1, state: 'maybe' },
    ]);
    const { result, drift } = await at.run('parse');
    expect(result).toMatchObject({ quarantined: 2, entities: { added: 1 } });
    expect(drift.map(({ path, problem }) => [path, problem.slice(0, 22)])).toEqual([
      ['/state', 'JSON Schema: must be e'],
    ]);
    expect((await inside(at)).map(({ entry }) => entry.problems[0]?.message)).toEqual([
      'JSON Schema: must be equal to one of the allowed values',
      'JSON Schema: it is missing',
    ]);
  });
});
