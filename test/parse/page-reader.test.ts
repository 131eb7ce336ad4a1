import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { recordsOfPage, type RecordRange } from '../../src/runtime/dataset/datasets.ts';
import { pageRecords } from '../../src/runtime/dataset/page-records.ts';
import { recordKey } from '../../src/runtime/dataset/record-key.ts';
import { type ReaderOf, recordReader } from '../../src/runtime/dataset/record-reader.ts';
import { NOT_PLAIN } from '../../src/runtime/dataset/plain-schema.ts';
import { recordsAt } from '../../src/integration/record-selector.ts';
import { decodePageLine, encodePageLine } from '../../src/store/page-line.ts';
import type { StoredPage } from '../../src/model/page.ts';
import { testPage } from '../store/pages.ts';
import { exactly, FIELDS } from './plain-schemas.ts';

function stream(record: z.ZodType, more: Partial<StreamDefinition> = {}): StreamDefinition {
  const read = (): never => {
    throw new Error('nothing is fetched here');
  };
  return {
    name: 'things',
    record,
    primaryKey: ['/id'],
    slices: { kind: 'whole' },
    source: { read, select: recordsAt('/data'), recordsPointer: '/data', selectsAsIs: true },
    ...more,
  };
}

/** A page as it is stored and read back. */
function stored(text: string, recordCount = 1): StoredPage {
  return decodePageLine(Buffer.concat(encodePageLine(testPage(text, { recordCount }))));
}

const range: RecordRange = { upTo: 1 };

/** What a parser would be handed, and what is told of each record. */
function seen(
  definition: StreamDefinition,
  page: StoredPage,
  { read, everyNumber }: ReaderOf,
  pages?: ReaderOf['pages'],
) {
  const keys = new Set<string>();
  const keyOf = recordKey(definition.primaryKey);
  const isNew = (key: string): boolean => keys.size !== keys.add(key).size;
  const records = recordsOfPage(definition, page, { ...range, everyNumber, pages }, { every: false, keyOf, isNew });
  const found = records.map((one) => {
    const { index, problem } = one;
    // Before it is read: what it holds is changed then, in place.
    const [record, exact] = [exactly(one.record), exactly(one.exact)];
    const result = read(one);
    const told = result.success ? { data: exactly(result.data) } : { error: JSON.parse(JSON.stringify(result.error)) };
    return { index, problem, record, exact, ...told };
  });
  return { found, keys: [...keys], read: records.filter(({ data }) => data !== undefined).length };
}

/** Both ways to read a page give the same. Gives how many records were read out of the bytes. */
function expectSame(definition: StreamDefinition, page: StoredPage): number {
  const reader = recordReader(definition, undefined);
  const quick = seen(definition, page, reader, reader.pages);
  const long = seen(definition, page, reader);
  expect({ ...quick, read: 0 }).toEqual({ ...long, read: 0 });
  return quick.read;
}

// JSON as texts, so that there is what JSON.stringify never writes: names that stand twice, numbers beyond a double, escapes.
const space = fc.constantFrom('', '', '', ' ', '\n', '\t ');
const leafText = fc.oneof(
  fc.constantFrom(
    '"x"',
    '"y"',
    '""',
    '"some text"',
    '"\\u0078"',
    '"naïve 漢字"',
    '"\\ud800"',
    '"q\\"\\\\/\\n"',
    '"a longer text, of more than twelve"',
  ),
  fc.constantFrom(
    '0',
    '1',
    '-0',
    '-7',
    '1.5',
    '1.50',
    '2e3',
    '1E400',
    '123456789012345',
    '1234567890123456',
    '9007199254740993',
    '0.1234567890123456789',
    '-12.5e-3',
  ),
  fc.constantFrom('true', 'false', 'null', '[]', '{}'),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => JSON.stringify(text)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);
const nameText = fc.constantFrom(
  '"a"',
  '"b"',
  '"c"',
  '"id"',
  '"children"',
  '"name"',
  '"1"',
  '"__proto__"',
  '"\\u0061"',
  '"é"',
  '"constructor"',
);
const { valueText } = fc.letrec<{ valueText: string }>((tie) => ({
  valueText: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leafText,
    fc
      .tuple(fc.array(tie('valueText'), { maxLength: 3 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    objectText(tie('valueText'), 4),
  ),
}));

function objectText(inner: fc.Arbitrary<string>, most: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(nameText, inner), { maxLength: most }), space)
    .map(
      ([fields, gap]) =>
        `{${gap}${fields.map(([name, value]) => `${name}${gap}:${gap}${value}`).join(`${gap},${gap}`)}${gap}}`,
    );
}

const recordText = fc.oneof(
  objectText(valueText, 5),
  fc
    .tuple(objectText(valueText, 4), fc.nat(3))
    .map(([text, id]) => (text === '{}' ? `{"id":"i${id}"}` : `{"id":"i${id}",${text.slice(1)}`)),
);
const pageText = fc
  .tuple(fc.array(recordText, { maxLength: 5 }), valueText, space, fc.boolean())
  .map(([records, other, gap, isFirst]) => {
    const data = `"data":${gap}[${records.join(`${gap},`)}${gap}]`;
    return isFirst ? `${gap}{${data},"other":${other}}` : `{"other":${other},${gap}${data}}${gap}`;
  });
/** Mostly optional, so that records fit. */
const field = fc.tuple(fc.constantFrom(...FIELDS), fc.nat(4)).map(([one, lot]) => (lot === 0 ? one : one.optional()));
const schema = fc
  .tuple(field, field, field, fc.constantFrom(z.object, z.looseObject))
  .map(([a, b, c, make]) => make({ id: z.string().optional(), a, b, c }));

describe('records that are read out of the bytes of a page', () => {
  it('are what is read of them the long way, to the order of the fields, with the same keys and problems', () => {
    let read = 0;
    fc.assert(
      fc.property(schema, pageText, (record, text) => {
        read += expectSame(stream(record), stored(text));
      }),
      { numRuns: 6_000 },
    );
    expect(read).toBeGreaterThan(150);
  });

  it.each(FIELDS.map((one, index) => [index, one] as const))('field %i: each kind of value', (_index, one) => {
    const definition = stream(z.object({ before: z.string().optional(), it: one, after: z.string() }), {
      primaryKey: [],
    });
    fc.assert(
      fc.property(valueText, fc.boolean(), (value, isThere) => {
        expectSame(definition, stored(`{"data":[{"after":"x",${isThere ? `"it":${value},` : ''}"more":${value}}]}`));
      }),
      { numRuns: 150 },
    );
  });

  it('a text that is cut or changed anywhere is read the same: as whole pages are', () => {
    const Plain = z.object({ id: z.string(), a: z.unknown().optional(), b: z.array(z.string()).optional() });
    const definition = stream(Plain);
    fc.assert(
      fc.property(
        pageText,
        fc.nat(),
        fc.option(fc.constantFrom(...'"\\,:[]{}0eE.-tfn x\u0001')),
        (text, place, char) => {
          const at = place % (text.length + 1);
          const damaged = char === null ? text.slice(0, at) : text.slice(0, at) + char + text.slice(at + 1);
          const page = stored(damaged.replaceAll('\n', ' ').toWellFormed());
          expectSame(definition, page);
          if (pageRecords(definition, page).problem === undefined) return;
          expect(recordReader(definition, undefined).pages?.read(page)).toBeUndefined();
        },
      ),
      { numRuns: 4_000 },
    );
  });

  it('nothing is made twice for records that fit, and only the others are read the long way', () => {
    const definition = stream(z.object({ id: z.string(), n: z.number() }));
    const { pages } = recordReader(definition, undefined);
    expect(
      pages?.read(stored('{"data":[{"n":1,"id":"a","x":[1]},{"id":"b","n":"1"},{"id":"c","n":12345678901234567890}]}')),
    ).toEqual([{ id: 'a', n: 1 }, NOT_PLAIN, NOT_PLAIN]);
  });

  it('a schema that throws refuses the record that it threw at, and no other', () => {
    const Throws = z.object({
      id: z.string(),
      n: z.number().refine((n) => {
        if (n === 2) throw new Error('not two');
        return true;
      }),
    });
    const page = stored('{"data":[{"id":"a","n":1},{"id":"b","n":2}]}', 2);
    expect(expectSame(stream(Throws), page)).toBe(1);
    const reader = recordReader(stream(Throws), undefined);
    expect(seen(stream(Throws), page, reader, reader.pages).found[0]).toMatchObject({
      error: { issues: [{ message: 'not two' }] },
    });
  });

  it('are given up for a stream of which most records do not fit, after a thousand', () => {
    const { pages } = recordReader(stream(z.object({ id: z.string() })), undefined);
    const wrong = stored(`{"data":[${Array.from({ length: 600 }, () => '{"id":7}').join(',')}]}`);
    expect(pages?.read(wrong)).toHaveLength(600);
    expect(pages?.read(wrong)).toHaveLength(600);
    expect(pages?.read(wrong)).toBeUndefined();
  });

  it.each<[string, StreamDefinition]>([
    ['whose key its schema reads in its own way', stream(z.object({ id: z.string().trim() }))],
    ['whose key its schema leaves out', stream(z.object({ name: z.string() }))],
    ['with exact numbers', stream(z.object({ id: z.string(), n: z.bigint() }))],
    ['whose schema is no plain object', stream(z.union([z.object({ id: z.string() }), z.string()]))],
    [
      'whose records are made by a function',
      stream(z.object({ id: z.string() }), { source: { ...stream(z.unknown()).source, selectsAsIs: false } }),
    ],
  ])('there are none of a stream %s', (_what, definition) => {
    expect(recordReader(definition, undefined).pages).toBeUndefined();
  });

  it('there are none where a JSON schema or a required field must see the record itself', () => {
    const definition = stream(z.object({ id: z.string(), at: z.iso.datetime() }));
    expect(recordReader(definition, undefined).pages).toBeDefined();
    expect(recordReader(definition, () => []).pages).toBeUndefined();
    expect(recordReader(definition, undefined, ['/at']).pages).toBeUndefined();
    expect(recordReader(definition, undefined, ['/id']).pages).toBeDefined();
  });
});
