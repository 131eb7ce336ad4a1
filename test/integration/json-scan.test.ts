import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY, BOOLEAN, type JsonPlan, LIST, NULL, NUMBER, OBJECT, TEXT } from '../../src/util/json-plan.ts';
import { listScanner } from '../../src/util/json-scan.ts';

const DEEPEST = 12;

/** Looks at `id` and `at` of each record, and at the kinds of two more. */
const PLAN: JsonPlan = {
  kinds: OBJECT,
  required: new Set(['id', 'in']),
  fields: new Map<string, JsonPlan>([
    ['id', { kinds: TEXT, slot: 0 }],
    ['n', { kinds: NUMBER | NULL }],
    ['b', { kinds: BOOLEAN }],
    ['e', { kinds: ANY, test: (value) => value === 'x' || value === 7 }],
    [
      'l',
      { kinds: LIST, items: { kinds: OBJECT, required: new Set(['k']), fields: new Map([['k', { kinds: TEXT }]]) } },
    ],
    ['in', { kinds: OBJECT, fields: new Map<string, JsonPlan>([['at', { kinds: ANY, slot: 1 }]]) }],
  ]),
};
const scanner = listScanner(['data', 'rows'], PLAN, 2, DEEPEST);

/** The same said once more, of what JSON.parse gives. */
function fits(record: unknown): boolean {
  if (!isObject(record) || typeof record['id'] !== 'string' || !isObject(record['in'])) return false;
  const { n, b, e, l } = record;
  if (n !== undefined && n !== null && !Number.isFinite(n)) return false;
  if (b !== undefined && typeof b !== 'boolean') return false;
  if (e !== undefined && e !== 'x' && e !== 7) return false;
  if (l === undefined) return true;
  return Array.isArray(l) && l.every((item) => isObject(item) && typeof item['k'] === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const name = fc.oneof(
  fc.constantFrom(
    'id',
    'n',
    'b',
    'e',
    'l',
    'in',
    'at',
    'k',
    'data',
    'rows',
    '__proto__',
    '',
    'a'.repeat(30),
    'naïve "q"',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -0, 7, 1.5, -2e-7, 1e21, 'x', '', '漢字 …', '\u0000\n"\\/', '\ud800'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));
const record = fc.record(
  {
    id: fc.oneof(fc.string(), leaf),
    n: leaf,
    b: fc.oneof(fc.boolean(), leaf),
    e: fc.oneof(fc.constantFrom<unknown>('x', 7, 'y'), value),
    l: fc.oneof(fc.array(fc.record({ k: fc.oneof(fc.string(), leaf) }, { requiredKeys: [] }), { maxLength: 3 }), value),
    in: fc.oneof(fc.record({ at: leaf, more: value }, { requiredKeys: [] }), value),
    other: value,
  },
  { requiredKeys: [] },
);
const document = fc.record({
  before: value,
  data: fc.record({ first: leaf, rows: fc.array(fc.oneof(record, value), { maxLength: 6 }), last: value }),
  after: value,
});
/** White space as a printer would put it, and none. */
const spaces = fc.constantFrom<string | number>('', 1, '\t', '\r\n');

function check(given: string): 'read' | 'left' {
  // Half of a surrogate pair has no bytes of its own.
  const text = given.toWellFormed();
  const list = scanner.scan(Buffer.from(text));
  if (list === undefined) return 'left';
  const parsed: unknown = JSON.parse(text);
  const data = isObject(parsed) && isObject(parsed['data']) ? parsed['data'] : {};
  const rows: unknown[] = Array.isArray(data['rows']) ? data['rows'] : [];
  expect(list.count).toBe(rows.length);
  const again = list.again(Buffer.from(text));
  for (const [index, row] of rows.entries()) {
    expect(list.item(index)).toEqual(row);
    expect(again(index)).toEqual(row);
    // It may ask too often, and must never be sure where it should not be.
    expect(list.fits(index)).toBe(fits(row));
    const own = (from: unknown, field: string): unknown =>
      isObject(from) && Object.hasOwn(from, field) ? from[field] : undefined;
    expect(list.slot(index, 0)).toEqual(own(row, 'id'));
    expect(list.slot(index, 1)).toEqual(own(own(row, 'in'), 'at'));
  }
  const around = structuredClone(parsed);
  if (isObject(around) && isObject(around['data'])) around['data']['rows'] = [];
  expect(list.around).toEqual(around);
  return 'read';
}

describe('a list that is read in a JSON text', () => {
  it('gives what JSON.parse gives, of any document', () => {
    let read = 0;
    fc.assert(
      fc.property(document, spaces, (body, space) => {
        const text = JSON.stringify(body, undefined, space);
        const found = check(text);
        if (found === 'read') read += 1;
        else expect(depthOf(body)).toBeGreaterThan(DEEPEST);
      }),
      { numRuns: 4000 },
    );
    expect(read).toBeGreaterThan(3000);
  });

  it('leaves to JSON.parse every text that is none, and never reads one that JSON.parse refuses', () => {
    let broken = 0;
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('cut', 'drop', 'put', 'twice'),
      fc.constantFrom(...'{}[],:"\\0-.eE+ntfu \n\u0001é'),
    );
    fc.assert(
      fc.property(document, damage, (body, [at, kind, put]) => {
        const whole = JSON.stringify(body);
        const place = at % whole.length;
        const text =
          kind === 'cut'
            ? whole.slice(0, place)
            : kind === 'drop'
              ? whole.slice(0, place) + whole.slice(place + 1)
              : kind === 'put'
                ? whole.slice(0, place) + put + whole.slice(place)
                : whole + put;
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) check(text);
        else {
          broken += 1;
          expect(scanner.scan(Buffer.from(text))).toBeUndefined();
        }
      }),
      { numRuns: 6000 },
    );
    expect(broken).toBeGreaterThan(3000);
  });

  it.each([
    ['a byte order mark', '\ufeff{"data":{"rows":[]}}'],
    ['the list twice', '{"data":{"rows":[1],"rows":[2]}}'],
    ['a field on the way twice', '{"data":{"rows":[1]},"data":{"rows":[2]}}'],
    ['the same, spelled otherwise', '{"data":{"rows":[1]},"d\\u0061ta":{"rows":[2]}}'],
    ['a field of the plan twice', '{"data":{"rows":[{"id":"a","in":{"at":1},"in":{}}]}}'],
    ['no list', '{"data":{"rows":{}}}'],
    ['nothing on the way', '{"date":{"rows":[]}}'],
    ['too many lists in one another', `{"data":{"rows":[${'['.repeat(DEEPEST - 2)}${']'.repeat(DEEPEST - 2)}]}}`],
    ['nothing', ''],
  ])('leaves to JSON.parse a text with %s', (_what, text) => {
    expect(scanner.scan(Buffer.from(text))).toBeUndefined();
  });

  it('leaves bytes that are not UTF-8, which JSON.parse would change', () => {
    const bytes = Buffer.from('{"data":{"rows":[{"id":"?"}]}}');
    bytes[bytes.indexOf('?')] = 0xff;
    expect(scanner.scan(bytes)).toBeUndefined();
  });

  it('counts depth to the very limit', () => {
    const rows = `[${'['.repeat(DEEPEST - 3)}${']'.repeat(DEEPEST - 3)}]`;
    expect(check(`{"data":{"rows":${rows}}}`)).toBe('read');
  });

  it('is not sure of numbers that are not finite', () => {
    const list = scanner.scan(
      Buffer.from(`{"data":{"rows":[{"id":"a","in":{},"n":1e400},{"id":"b","in":{},"n":${'9'.repeat(400)}}]}}`),
    );
    expect([list?.fits(0), list?.fits(1)]).toEqual([false, false]);
  });

  it('reads fields in whatever order, and with names that come once', () => {
    const rows = Array.from({ length: 600 }, (_, index) =>
      index % 3 === 0
        ? { [`only-${index}`]: index, in: { at: index }, id: `r${index}` }
        : index % 3 === 1
          ? { id: `r${index}`, b: true, in: { x: 1, at: index } }
          : { in: { at: index, y: 2 }, n: null, id: `r${index}` },
    );
    expect(check(JSON.stringify({ data: { rows } }))).toBe('read');
    expect(check(JSON.stringify({ data: { rows: rows.toReversed() } }))).toBe('read');
  });
});
