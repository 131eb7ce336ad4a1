import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decimalText, defineIntegration, defineStream, entity, incremental, parser, time } from '../../src/index.ts';
import { showStream } from '../../src/runtime/dataset/show.ts';
import { ExactNumber, mayRound, parseLossless, withTexts } from '../../src/util/lossless-json.ts';
import { type Connection, connection } from './connection.ts';
import { base, source } from './things.ts';

describe('parseLossless', () => {
  it('keeps every number that a JavaScript number would change, and no other', () => {
    const kept = [
      '9007199254740993',
      '-9007199254740993',
      '1e400',
      '0.1000000000000000055511151231257827',
      '123456789012345678901234567890',
      '12345678.123456789012',
    ];
    const plain = [
      '9007199254740992',
      '0.1',
      '1.0',
      '-0',
      '1E5',
      '1e21',
      '0.30000000000000004',
      '1e-7',
      '100000000000000000000',
      '5e-324',
      '1.7976931348623157e308',
      '0.0000000000000000001',
    ];
    for (const text of kept) {
      expect(parseLossless(`[${text}]`), text).toEqual([new ExactNumber(text)]);
      expect(mayRound(`{"a":${text}}`), text).toBe(true);
    }
    for (const text of plain) expect(withTexts(parseLossless(`[${text}]`)), text).toEqual([Number(text)]);
  });

  it('sees by its cheap look every number that rounds, and gives what JSON.parse gives where none does', () => {
    const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,24})?(?:[eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const [value] = parseLossless(`[${text}]`) as unknown[];
        if (value instanceof ExactNumber && value.isRounded()) {
          expect(mayRound(`[${text}]`)).toBe(true);
          expect(withTexts(value)).toBe(text);
        } else expect(withTexts(value)).toBe(Number(text));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(withTexts(parseLossless(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });
});

const Row = entity(
  'Row',
  { key: 'id' },
  {
    id: z.string(),
    big: z.bigint().nullish(),
    text: z.string().nullish(),
    price: z.string().nullish(),
    at: z.string().nullish(),
    rest: z.unknown().optional(),
  },
);

describe('exact values reach the parser', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());

  async function rowsOf<R extends { id: string | bigint | number }>(
    record: z.ZodType<R>,
    body: string,
    make: (item: R) => z.input<typeof Row>,
  ) {
    const stream = defineStream({ name: 'items', record, primaryKey: 'id', cursor: 'at', source });
    const rows = parser({ items: incremental(stream) }, Row, async function* ({ items }) {
      for await (const item of items) yield make(item);
    });
    open = await connection(defineIntegration({ ...base, streams: [stream], entities: [Row], parsers: { rows } }));
    await open.page('items', body);
    const { result, drift, error } = await open.run('parse');
    return { rows: await open.rows('rows'), result, drift, error, at: open };
  }

  it('bigints by schema, at any size', async () => {
    const record = z.looseObject({ id: z.string(), big: z.bigint() });
    const body = '{"data":[{"id":"a","big":9007199254740993},{"id":"b","big":5},{"id":"c","big":-12345678901234567}]}';
    const { rows } = await rowsOf(record, body, ({ id, big }) => ({ id, big, rest: typeof big }));
    expect(rows.map(({ id, big, rest }) => [id, big, rest])).toEqual([
      ['a', '9007199254740993', 'bigint'],
      ['b', 5, 'bigint'],
      ['c', '-12345678901234567', 'bigint'],
    ]);
  });

  it('texts by schema: long numbers as they were spelled, decimals of any length', async () => {
    const record = z.looseObject({ id: z.string(), text: z.string(), price: decimalText() });
    const body =
      '{"data":[{"id":"a","text":123456789012345678901234567890,"price":12.50},{"id":"b","text":"x","price":0.10000000000000000001}]}';
    const { rows } = await rowsOf(record, body, ({ id, text, price }) => ({ id, text, price }));
    expect(rows.map(({ id, text, price }) => [id, text, price])).toEqual([
      ['a', '123456789012345678901234567890', '12.50'],
      ['b', 'x', '0.10000000000000000001'],
    ]);
  });

  it('never a rounded number: the record goes to quarantine with path and mending', async () => {
    const record = z.looseObject({ id: z.string(), n: z.number() });
    const { result, drift } = await rowsOf(
      record,
      '{"data":[{"id":"a","n":9007199254740993},{"id":"b","n":1.0},{"id":"c","n":1E5}]}',
      ({ id, n }) => ({ id, rest: n }),
    );
    expect(result).toMatchObject({ quarantined: 1, entities: { added: 2 } });
    expect(drift[0]).toMatchObject({
      path: '/n',
      problem: expect.stringContaining('9007199254740993 would be rounded: declare z.bigint()'),
    });
  });

  it('fields that no schema names are exact text where they would be rounded', async () => {
    const record = z.looseObject({ id: z.string() });
    const { rows } = await rowsOf(
      record,
      '{"data":[{"id":"a","deep":{"list":[9007199254740993,7]}}]}',
      ({ id, ...rest }) => ({ id, rest }),
    );
    expect(rows[0]?.['rest']).toEqual({ deep: { list: ['9007199254740993', 7] } });
  });

  it('a small number where a text is declared is still a change of type', async () => {
    const record = z.looseObject({ id: z.string(), text: z.string() });
    const { result } = await rowsOf(record, '{"data":[{"id":"a","text":5}]}', ({ id, text }) => ({ id, text }));
    expect(result.quarantined).toBe(1);
  });

  it('ids beyond 2^53 that differ in their last digit are two records', async () => {
    const record = z.looseObject({ id: z.bigint() });
    const { rows, at } = await rowsOf(
      record,
      '{"data":[{"id":9007199254740992},{"id":9007199254740993}]}',
      ({ id }) => ({ id: String(id) }),
    );
    expect(rows.map(({ id }) => id)).toEqual(['9007199254740992', '9007199254740993']);
    const [stream] = at.manifest.streams;
    const shown: string[] = [];
    if (stream !== undefined)
      for await (const line of showStream(at.context.blobs, stream, { all: false, limit: undefined })) shown.push(line);
    expect(shown.sort()).toEqual(['{"id":9007199254740992}', '{"id":9007199254740993}']);
  });

  it('__proto__ and its friends are data', async () => {
    const record = z.looseObject({ id: z.string(), n: z.looseObject({}).optional() });
    const names = [
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'then',
      'toJSON',
      'length',
      '',
      'a.b',
      '$ref',
    ];
    const fields = names.map((name) => `${JSON.stringify(name)}:{"polluted":1}`).join(',');
    const { rows, error } = await rowsOf(record, `{"data":[{"id":"a",${fields},"n":{${fields}}}]}`, (item) => ({
      id: item.id,
      rest: Object.keys(item).concat(Object.keys(item.n ?? {})),
    }));
    expect(error).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    for (const name of names) expect((rows[0]?.['rest'] as string[]).filter((key) => key === name)).toHaveLength(2);
  });

  it('times without a zone are refused unless the zone is said', async () => {
    const times = ['2024-02-29T12:00:00', '2024-02-29', '2024-02-30T12:00:00Z', '2024-02-29T12:00:00+05:30'];
    const body = `{"data":[${times.map((at, index) => `{"id":"${index}","at":"${at}"}`).join(',')}]}`;
    const bare = await rowsOf(z.looseObject({ id: z.string(), at: time() }), body, ({ id, at }) => ({ id, at }));
    expect(bare.rows.map(({ at }) => at)).toEqual(['2024-02-29T06:30:00.000Z']);
    expect(bare.result.quarantined).toBe(3);
    await open?.remove();
    const zoned = await rowsOf(
      z.looseObject({ id: z.string(), at: time({ zone: 'Europe/Berlin' }) }),
      body,
      ({ id, at }) => ({ id, at }),
    );
    expect(zoned.rows.map(({ at }) => at)).toEqual([
      '2024-02-29T11:00:00.000Z',
      '2024-02-28T23:00:00.000Z',
      '2024-02-29T06:30:00.000Z',
    ]);
    await open?.remove();
    const coerced = await rowsOf(z.looseObject({ id: z.string(), at: z.coerce.date() }), body, ({ id, at }) => ({
      id,
      at: at.toISOString(),
    }));
    expect(coerced.rows.map(({ at }) => at)).toEqual(['2024-02-29T06:30:00.000Z']);
    expect(coerced.drift[0]).toMatchObject({ path: '/at', count: 3 });
    expect(coerced.drift[0]?.problem).toContain('no real time');
  });

  it('time() knows epochs, gaps and overlaps', () => {
    expect(time({ epoch: 's' }).parse(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(time({ epoch: 'us' }).parse(1_700_000_000_123_456)).toBe('2023-11-14T22:13:20.123Z');
    expect(time().safeParse(5).success).toBe(false);
    const newYork = time({ zone: 'America/New_York' });
    expect(newYork.safeParse('2024-03-10T02:30:00').success).toBe(false);
    expect(newYork.parse('2024-11-03T01:30:00')).toBe('2024-11-03T05:30:00.000Z');
    expect(time({ zone: 'Asia/Kathmandu' }).parse('2024-01-01T00:00')).toBe('2023-12-31T18:15:00.000Z');
    expect(time({ zone: 'Pacific/Apia' }).safeParse('2011-12-30T12:00:00').success).toBe(false);
    expect(() => time({ zone: 'Mars/Olympus' })).toThrow(/time zone/i);
  });

  it('decodes bodies that are not plain UTF-8, and quarantines what cannot be decoded', async () => {
    const record = z.looseObject({ id: z.string() });
    const stream = defineStream({ name: 'items', record, primaryKey: 'id', cursor: 'at', source, failureBudget: 5 });
    const rows = parser({ items: incremental(stream) }, Row, async function* ({ items }) {
      for await (const { id } of items) yield { id };
    });
    open = await connection(defineIntegration({ ...base, streams: [stream], entities: [Row], parsers: { rows } }));
    const bytes = { isJson: false, contentType: 'application/json' };
    await open.page('items', Buffer.from('\ufeff{"data":[{"id":"mark"}]}'), bytes);
    await open.page('items', Buffer.from('\ufeff{"data":[{"id":"wide é"}]}', 'utf16le'), bytes);
    await open.page('items', Buffer.from('{"data":[{"id":"latin é"}]}', 'latin1'), {
      ...bytes,
      contentType: 'application/json; charset=iso-8859-1',
    });
    await open.page('items', Buffer.from('{"data":[{"id":"bad é"}]}', 'latin1'), bytes);
    const { result, drift } = await open.run('parse');
    expect((await open.rows('rows')).map(({ id }) => id)).toEqual(['latin é', 'mark', 'wide é']);
    expect(result.quarantined).toBe(1);
    expect(drift[0]?.problem).toContain('the page cannot be read');
  });

  it('refuses what is nested too deeply, and goes on', async () => {
    const record = z.looseObject({ id: z.string(), deep: z.unknown() });
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    const body = `{"data":[{"id":"a"},${[100, 5_000, 200_000].map((levels) => `{"id":"d${levels}","n":9007199254740993,"deep":${deep(levels)}}`).join(',')}]}`;
    const { result, error } = await rowsOf(record, body, ({ id }) => ({ id }));
    expect(error).toBeUndefined();
    expect(result.quarantined).toBeGreaterThan(0);
  });
});

describe('mayRound', () => {
  it('passes over ids and hashes within strings', () => {
    const texts = [
      '{"id":"3916a413-2fca-45c9-a1bf-1e3456789012"}',
      '{"sha":"1234567890123456789012345678901234567890"}',
      '{"at":"2024-01-01T00:00:00.123456789Z","n":12.5,"m":[1,2,3]}',
    ];
    for (const text of texts) expect(mayRound(text), text).toBe(false);
    for (const text of [
      '[12345678901234567]',
      '{"a": -0.12345678901234567}',
      '{"a":1e300}',
      '{"a":\n2.5E-301}',
      '1e400',
    ])
      expect(mayRound(text), text).toBe(true);
  });
});
