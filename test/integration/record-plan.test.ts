import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../src/http/json-body.ts';
import { PartialBody, partialJson } from '../../src/integration/partial-body.ts';
import { recordPlan } from '../../src/integration/record-plan.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import { linkHeader } from '../../src/pagination/link-header.ts';
import { offset } from '../../src/pagination/offset.ts';
import type { Paginator } from '../../src/pagination/paginator.ts';
import { pointerReader } from '../../src/util/json-pointer.ts';
import { record, SCHEMAS } from './record-schemas.ts';

/** What is read of records by a schema and pointers; undefined where they are read whole. */
function reader(schema: z.ZodType, pointers: readonly string[]): ((rows: unknown) => PartialBody) | undefined {
  const plan = recordPlan(schema, pointers);
  const format = plan === undefined ? undefined : partialJson('/rows', plan, linkHeader());
  if (format === undefined) return undefined;
  return (rows) => {
    const body = format.parse(Buffer.from(JSON.stringify({ rows })));
    if (!(body instanceof PartialBody)) throw new Error('it was read whole');
    return body;
  };
}

describe('the plan of a record', () => {
  it.each(Object.entries(SCHEMAS))('is sure of no record that zod refuses: %s', (name, schema) => {
    const pointers = ['e', '/f/g'];
    const read = reader(schema, pointers);
    if (read === undefined) return;
    let sure = 0;
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (rows) => {
        const written: unknown[] = JSON.parse(JSON.stringify(rows.map((row) => row ?? null)));
        const body = read(written);
        for (const [index, row] of written.entries()) {
          if (body.fits(index)) {
            sure += 1;
            expect(schema.safeParse(row).success).toBe(true);
          }
          expect(body.whole(index)).toEqual(row);
          for (const pointer of pointers) {
            const of = pointerReader(pointer);
            expect(of(body.records[index])).toEqual(of(row));
          }
        }
      }),
      { numRuns: 300 },
    );
    // No JSON has a field that is undefined, which one of the schemas asks for.
    if (name !== 'missing fields') expect(sure).toBeGreaterThan(0);
  });

  it('is made for the schemas that most streams have', () => {
    const made = Object.entries(SCHEMAS).filter(([, schema]) => reader(schema, ['/id']) !== undefined);
    expect(made.map(([name]) => name)).toEqual(
      expect.arrayContaining(['loose object', 'plain object', 'checks', 'formats', 'enum and literal', 'union']),
    );
  });

  it.each([
    ['a schema that checks the whole record', SCHEMAS['a refined object'] ?? z.never(), ['/id']],
    ['a schema that is no object', z.unknown(), ['/id']],
    ['a pointer into a list', z.looseObject({ a: z.array(z.unknown()) }), ['/a/0']],
    ['a pointer through a number, which may be a place in a list', z.looseObject({}), ['/a/0']],
    ['a pointer to all of an object', z.looseObject({ a: z.looseObject({}) }), ['/a']],
    ['a pointer below what the schema checks', z.looseObject({ a: z.looseObject({}).refine(() => true) }), ['/a/id']],
    ['a pointer below another', z.looseObject({}), ['/a', '/a/b']],
    ['a field that an assignment would lose', z.looseObject({}), ['/__proto__']],
  ])('is none for %s', (_what, schema, pointers) => {
    expect(recordPlan(schema, pointers)).toBeUndefined();
  });

  it('knows a value that is both checked and wanted', () => {
    const read = reader(z.looseObject({ at: z.iso.datetime(), kind: z.enum(['a', 'b']) }), ['/at', '/kind']);
    const body = read?.([
      { at: '2026-01-01T00:00:00Z', kind: 'a' },
      { at: 'yesterday', kind: 'a' },
      { at: '2026-01-01T00:00:00Z', kind: 'c' },
    ]);
    expect([body?.fits(0), body?.fits(1), body?.fits(2)]).toEqual([true, false, false]);
    expect(body?.records[1]).toEqual({ at: 'yesterday', kind: 'a' });
  });
});

describe('a body whose records are read in part', () => {
  const plan = recordPlan(z.looseObject({ id: z.string() }), ['/id']);
  const parse = (pointer: string, paginator: Paginator, text: string): unknown =>
    plan === undefined ? undefined : (partialJson(pointer, plan, paginator) ?? json()).parse(Buffer.from(text));
  const text = '{"data":[{"id":"a","more":1}],"links":{"next":"/2"}}';

  it('keeps all that lies around them', () => {
    const body = parse('data', jsonApiLinks(), text);
    expect(body instanceof PartialBody && [body.around, body.records]).toEqual([
      { data: [], links: { next: '/2' } },
      [{ id: 'a' }],
    ]);
  });

  it.each([
    ['counts by the records', '/data', offset()],
    ['does not say what it looks at', '/data', { next: () => undefined }],
    ['reads its token in a record', '/data', bodyCursor({ from: '/data/0/id', to: 'after' })],
    ['reads the list itself', '/data', bodyCursor({ from: '/data', to: 'after' })],
    ['reads what the list lies in', '/data', { reads: [''], next: () => undefined }],
  ])('is read whole where the paginator %s', (_what, pointer, paginator) => {
    expect(parse(pointer, paginator, text)).toEqual(JSON.parse(text));
  });

  it('is read whole where only JSON.parse can tell what it is', () => {
    expect(parse('/data', linkHeader(), '{"data":[{"id":"a"}],"data":[]}')).toEqual({ data: [] });
    expect(() => parse('/data', linkHeader(), '{"data":[{"id":"a"}')).toThrow(SyntaxError);
  });
});
