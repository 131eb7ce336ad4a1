import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineIntegration, defineStream, entity, incremental, parser } from '../../src/index.ts';
import { streamDrift } from '../../src/runtime/parse/drift.ts';
import { repeatedNames } from '../../src/util/json-names.ts';
import { type Connection, connection } from './connection.ts';
import { base, source } from './things.ts';

const names = (text: string): readonly string[] => repeatedNames(Buffer.from(text));

describe('names that stand twice', () => {
  it('are found at any depth, however they are spelled, each once', () => {
    expect(names('{"a":1,"b":{"a":2},"a":3}')).toEqual(['/a']);
    expect(names('[{"x":[{"y":1,"\\u0079":2},{"y":1,"y":2}]},{"x/~":1,"x/~":"\\"}"}]')).toEqual([
      '/*/x/*/y',
      '/*/x~1~0',
    ]);
    expect(names(' { "é" : { } , "é" : [ ] } ')).toEqual(['/é']);
    expect(names(`${'['.repeat(3000)}${']'.repeat(3000)}`)).toEqual([]);
  });

  it('are none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void expect(names(JSON.stringify(value, undefined, 1))).toEqual([])),
    );
  });
});

describe('drift', () => {
  const open: Connection[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.remove();
  });

  it('tells once that a name stands twice; the last one holds, and both are in the raw data', async () => {
    const Row = z.looseObject({ id: z.string(), v: z.number() });
    const Rows = defineStream({ name: 'rows', record: Row, primaryKey: 'id', cursor: 'at', source });
    const Thing = entity('Thing', { key: 'id' }, { id: z.string(), v: z.number() });
    const things = parser({ rows: incremental(Rows) }, Thing, async function* ({ rows }) {
      yield* rows;
    });
    const at = await connection(
      defineIntegration({ ...base, streams: [Rows], entities: [Thing], parsers: { things } }),
    );
    open.push(at);
    for (const id of ['a', 'b']) await at.page('rows', `{"data":[{"id":"${id}","v":1,"v":2}]}`);
    await at.run('parse');
    expect(await at.rows('things')).toMatchObject([
      { id: 'a', v: 2 },
      { id: 'b', v: 2 },
    ]);
    const [definition] = at.manifest.streams;
    const drift = definition === undefined ? undefined : await streamDrift(at.context, definition, 0);
    expect(drift?.changes).toMatchObject([{ kind: 'repeated', path: '/data/*/v', commit: 1 }]);
  });
});
