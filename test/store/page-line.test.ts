import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePageLine, encodePageLine, type FetchedPage } from '../../src/store/page-line.ts';
import { testPage, textOf } from './pages.ts';

const lineOf = (page: FetchedPage): Buffer => Buffer.concat(encodePageLine(page));

/** JSON texts as vendors write them: any spacing, escapes, long numbers, odd and double keys, and our own field names. */
const jsonText = fc
  .tuple(
    fc.json({ stringUnit: 'binary' }),
    fc.constantFrom('', ' ', '\n', '\r\n', '\t\n '),
    fc.constantFrom(
      '1',
      '12345678901234567890.10',
      '1e400',
      '-0.0',
      '"\\u00e9\\ud83d\\ude00 é😀 \u2028"',
      '{"__proto__":{"isAdmin":true},"a":1,"a":2}',
      '{"request":{},"body":{"body":1},"bodyAt":     5,"body64":"x"}',
      '"},\\"body\\":1}"',
    ),
  )
  .map(
    ([json, space, extra]) =>
      `${space}{${space}"body"${space}:${space}[${json},${space}${extra}${space}]${space}}${space}`,
  );

const envelope = fc.record({
  request: fc.record(
    {
      method: fc.constantFrom('GET', 'POST'),
      url: fc.oneof(fc.webUrl(), fc.constant('/x?q=,"body":')),
      body: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('{"query":"x","body":1}')),
    },
    { requiredKeys: ['method', 'url'] },
  ),
  slice: fc.dictionary(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('body', '__proto__')),
    fc.string({ unit: 'binary' }),
  ),
  status: fc.integer({ min: 200, max: 599 }),
  recordCount: fc.nat(),
});

describe('a page line', () => {
  it('keeps any JSON text token by token, and is itself JSON on one line', () => {
    fc.assert(
      fc.property(jsonText, envelope, (text, fields) => {
        const line = lineOf(testPage(text, fields));
        const page = decodePageLine(line);
        expect(textOf(page)).toBe(text.replaceAll(/[\r\n]/g, ' '));
        expect(JSON.parse(textOf(page))).toEqual(JSON.parse(text));
        expect(page.request).toEqual(fields.request);
        expect(Object.entries(page.slice)).toEqual(Object.entries(fields.slice));
        expect([page.status, page.recordCount]).toEqual([fields.status, fields.recordCount]);
        const sha256 = page.body.kind === 'json' ? page.body.sha256 : undefined;
        expect(sha256).toBe(/[\r\n]/.test(text) ? hash('sha256', text, 'base64url') : undefined);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(() => JSON.parse(line.toString('utf8'))).not.toThrow();
        expect(decodePageLine(line.subarray(0, -1))).toEqual(page);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps any other bytes as they came, with their content type', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'binary' }),
        envelope,
        (data, contentType, fields) => {
          const bytes = Buffer.from(data);
          const line = lineOf(testPage('', { ...fields, bytes, contentType, isJson: false }));
          expect(decodePageLine(line).body).toEqual({ kind: 'bytes', bytes, contentType: contentType.toWellFormed() });
          expect(() => JSON.parse(line.toString('utf8'))).not.toThrow();
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a byte order mark', Buffer.from('\ufeff{"a":1}')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['half a surrogate pair', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('keeps %s as bytes, though the caller could read it as JSON', (_, bytes) => {
    expect(decodePageLine(lineOf(testPage('', { bytes }))).body).toEqual({
      kind: 'bytes',
      bytes,
      contentType: 'application/json',
    });
  });

  it('does not copy a text without line breaks, and does not change the caller’s bytes', () => {
    const compact = Buffer.from('{"a":1}');
    expect(encodePageLine(testPage('', { bytes: compact }))).toContain(compact);
    const pretty = Buffer.from('{\n"a":1}');
    encodePageLine(testPage('', { bytes: pretty }));
    expect(pretty.toString()).toBe('{\n"a":1}');
  });

  it('keeps listing and known records', () => {
    const page = decodePageLine(lineOf(testPage('[]', { listing: 3, known: [0, 2] })));
    expect(page).toMatchObject({ listing: 3, known: [0, 2] });
    expect(decodePageLine(lineOf(testPage('[]')))).not.toHaveProperty('known');
  });

  it.each([
    '',
    '{}',
    '{"bodyAt":      99,"a":1}',
    '{"bodyAt":      19,"body":1}',
    '{"bodyAt":      26,"body":1}',
    '{"bodyAt":     x 1,"body":1}',
  ])('refuses %j', (line) => {
    expect(() => decodePageLine(Buffer.from(line))).toThrow(/page/);
  });
});
