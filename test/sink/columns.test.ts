import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entity, ref } from '../../src/model/entity.ts';
import { columnsOf } from '../../src/sink/columns.ts';
import { compareText, keyText } from '../../src/sink/entity-key.ts';

const typeOf = (field: z.ZodType): unknown => columnsOf(entity('One', { key: 'x' }, { x: field }))[0]?.type;

enum Level {
  Low,
  High = 7,
}

describe('columnsOf', () => {
  it('has the fields in their order, with the author’s names', () => {
    const schema = entity('Two', { key: 'id' }, { zed: z.string(), 'a b': z.int(), id: z.string() });
    expect(columnsOf(schema)).toEqual([
      { name: 'zed', type: 'text' },
      { name: 'a b', type: 'integer' },
      { name: 'id', type: 'text' },
    ]);
  });

  it.each<[string, z.ZodType, string]>([
    ['string', z.string().min(3).trim(), 'text'],
    ['email', z.email(), 'text'],
    ['ISO datetime: the exact text', z.iso.datetime(), 'text'],
    ['template literal', z.templateLiteral(['a', z.number()]), 'text'],
    ['reference', ref(entity('Three', { key: 'id' }, { id: z.string() })), 'text'],
    ['int', z.int(), 'integer'],
    ['number().int()', z.number().int().positive(), 'integer'],
    ['int32', z.int32(), 'integer'],
    ['bigint', z.bigint(), 'integer'],
    ['int64', z.int64(), 'integer'],
    ['number', z.number().min(1), 'number'],
    ['float', z.float64(), 'number'],
    ['boolean', z.boolean(), 'boolean'],
    ['date', z.date(), 'timestamp'],
    ['enum', z.enum(['a', 'b']), 'text'],
    ['enum of TypeScript', z.enum(Level), 'integer'],
    ['literal', z.literal('a'), 'text'],
    ['literals of two types', z.literal(['a', 1]), 'json'],
    ['object', z.object({ a: z.string() }), 'json'],
    ['array', z.array(z.string()), 'json'],
    ['record', z.record(z.string(), z.number()), 'json'],
    ['unknown', z.unknown(), 'json'],
    ['union of one type', z.union([z.literal('a'), z.string(), z.null()]), 'text'],
    ['union of several', z.union([z.string(), z.number()]), 'json'],
    ['JSON, which refers to itself', z.json(), 'json'],
    ['only null', z.null(), 'json'],
    [
      'optional, nullable, default, catch, readonly',
      z.int().optional().nullable().default(1).catch(2).readonly(),
      'integer',
    ],
    ['prefault and nonoptional', z.nonoptional(z.string().optional().prefault('x')), 'text'],
    ['lazy', z.lazy(() => z.boolean()), 'boolean'],
    ['transform: unknown', z.string().transform(Number), 'json'],
    ['transform into a schema', z.string().transform(Number).pipe(z.number()), 'number'],
    ['preprocess', z.preprocess(String, z.string()), 'text'],
    [
      'codec',
      z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() }),
      'timestamp',
    ],
    ['stringbool', z.stringbool(), 'boolean'],
  ])('%s', (_name, schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  it('does not go round in circles', () => {
    const endless: z.ZodType = z.lazy(() => endless);
    expect(typeOf(endless)).toBe('json');
  });
});

describe('keyText', () => {
  it('is one text for one key', () => {
    expect(keyText(['abc'])).toBe('abc');
    expect(keyText(['a', 7])).toBe('["a",7]');
    const keys = [['["a",7]'], ['a', 7], ['a', '7'], ['a,7'], [7], ['7'], ['[7]'], [true], ['true']];
    expect(new Set(keys.map(keyText)).size).toBe(keys.length);
  });

  it('is ordered as UTF-8 is', () => {
    const texts = ['', 'a', 'aa', 'b', '\uffee', '😀', '😀a', '😁', 'é'];
    const asBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect([...texts].sort(compareText)).toEqual([...texts].sort(asBytes));
  });
});
