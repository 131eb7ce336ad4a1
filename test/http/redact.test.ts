import { expect, test } from 'vitest';
import { readableError } from '../../src/http/error-body.ts';
import { redactor } from '../../src/http/redact.ts';
import { Secret } from '../../src/util/secret.ts';

const NASTY = 'k+/=%"\n$&é-tail';

const spellings: readonly (readonly [string, (value: string) => string])[] = [
  ['plain', (value) => value],
  ['URL-encoded', encodeURIComponent],
  [
    'URL-encoded, lower case',
    (value) => encodeURIComponent(value).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  ],
  ['URL-encoded twice', (value) => encodeURIComponent(encodeURIComponent(value))],
  ['in a form', (value) => new URLSearchParams({ a: value }).toString()],
  ['in JSON', (value) => JSON.stringify({ a: value })],
  ['in JSON in JSON', (value) => JSON.stringify(JSON.stringify({ a: value }))],
  ['in HTML', (value) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')],
  ['in hex', (value) => Buffer.from(value).toString('hex')],
  ['in hex, upper case', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ['in UTF-16', (value) => Buffer.from(value, 'utf16le').toString('latin1')],
  ['base64', (value) => Buffer.from(value).toString('base64')],
  ['base64url', (value) => Buffer.from(value).toString('base64url')],
  ['Basic, user of 1', (value) => Buffer.from(`:${value}`).toString('base64')],
  ['Basic, user of 2', (value) => Buffer.from(`u:${value}`).toString('base64')],
  ['Basic, user of 3', (value) => Buffer.from(`us:${value}:more`).toString('base64')],
];

test.each(spellings)('masks a secret: %s', (_, spell) => {
  const redact = redactor([new Secret(NASTY), new Secret('sesame-open-1234')]);
  for (const value of [NASTY, 'sesame-open-1234']) {
    const spelled = spell(value);
    const text = redact(`before ${spelled} between ${spelled} after`);
    expect(text).toMatch(/^before .*<secret>.* between .*<secret>.* after$/s);
    const longest = spelled.slice(4, -4);
    expect(text).not.toContain(longest);
  }
});

test('the longer of two overlapping secrets goes first, and every occurrence goes', () => {
  const redact = redactor([new Secret('abcd'), new Secret('abcdefgh')]);
  expect(redact('abcdefgh abcd abcdefgh')).toBe('<secret> <secret> <secret>');
  expect(redactor([new Secret(''), new Secret('abc')])('abc')).toBe('abc');
});

function told(body: string): string {
  return readableError({ status: 400, headers: {}, body: Buffer.from(body) });
}

test.each([
  [
    '{"jsonapi":{"version":"1.0"},"errors":[{"id":"x","status":"404","code":"SNYK-9","title":"Not found","detail":"no org"}]}',
    '404 SNYK-9 Not found no org',
  ],
  ['{"errors":[{"title":"a"},{"title":"b"}]}', 'a; b'],
  ['{"type":"about:blank","title":"Bad","status":400,"detail":"limit is too high"}', '400 Bad limit is too high'],
  ['{"errors":[{"message":"Field x","extensions":{"code":"undefinedField"}}]}', 'undefinedField Field x'],
  ['{"errors":["Not Authenticated"]}', 'Not Authenticated'],
  [
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
    'AccessDenied Access Denied',
  ],
  ['{"__type":"ThrottlingException","message":"Rate exceeded"}', 'ThrottlingException Rate exceeded'],
  ['{"error":{"code":403,"message":"Disabled","status":"PERMISSION_DENIED"}}', 'PERMISSION_DENIED 403 Disabled'],
  ['{"message":"Bad credentials","documentation_url":"x"}', 'Bad credentials'],
  ['{"errorMessages":["Issue does not exist"],"errors":{}}', 'Issue does not exist'],
  ['{"error":"invalid_grant","error_description":"expired"}', 'invalid_grant expired'],
  ['<!DOCTYPE html><html><head><title>Sign in</title>', 'an HTML page "Sign in" (a login page or a proxy?)'],
  ['', 'an empty body'],
  ['plain\u001b[31m words\u0000\n  here', 'plain [31m words here'],
  ['[]', '[]'],
  ['{"a":1}', '{"a":1}'],
])('the error text of %s', (body, text) => {
  expect(told(body)).toBe(text);
});

test('an error text is short, and a secret across the cut is masked', () => {
  const redact = redactor([new Secret('sesame-open-1234')]);
  const body = Buffer.from(`${'x'.repeat(190)} sesame-open-1234`);
  const text = readableError({ status: 400, headers: {}, body }, redact);
  expect(text.length).toBeLessThanOrEqual(200);
  expect(text).not.toContain('sesame');
});
