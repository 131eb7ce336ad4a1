import { expect, test } from 'vitest';
import { limitFromHeaders, limitsFromHeaders } from '../../src/http/policies/limit-headers.ts';
import { httpDateMs, retryAfterMs } from '../../src/http/policies/retry-after.ts';

const NOW = 'Sun, 22 Nov 2026 10:00:00 GMT';

test.each([
  ['7', 7000],
  [' 7 ', 7000],
  ['007', 7000],
  ['2147483648', 2147483648000],
  ['9'.repeat(400), Infinity],
  ['Sun, 22 Nov 2026 10:00:07 GMT', 7000],
  ['Mon, 22 Nov 2027 10:00:00 GMT', 365 * 86_400_000],
])('waits: %s', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});

test.each([
  undefined,
  '',
  '   ',
  '0',
  '-1',
  '+7',
  '7.5',
  '1e9',
  '0x10',
  'abc',
  'Infinity',
  'NaN',
  '7, 9',
  '7; 9',
  '120s',
  '٧',
  '2026-11-22T10:00:07Z',
  'Sun, 22 Nov 2026 09:59:59 GMT',
  'Sun, 22 Nov 2026 10:00:00 GMT',
  'Sun, 22 Nov 2026 10:00:07 PST',
  'Sun, 30 Feb 2026 10:00:07 GMT',
  'Sun, 22 Foo 2026 10:00:07 GMT',
  'Sun, 22 Nov 2026 10:00:07 GMT, Sun, 22 Nov 2026 10:00:09 GMT',
])('says nothing that can be used: %s', (header) => {
  expect(retryAfterMs(header, NOW)).toBeUndefined();
});

test("a date counts from the server's own, and without one is not used", () => {
  expect(retryAfterMs('Wed, 01 Jan 2020 00:00:30 GMT', 'Wed, 01 Jan 2020 00:00:00 GMT')).toBe(30_000);
  expect(retryAfterMs('Wed, 01 Jan 2020 00:00:30 GMT', undefined)).toBeUndefined();
  expect(retryAfterMs('7', undefined)).toBe(7000);
  expect(httpDateMs('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(784111777000);
});

test.each([
  [
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 10, 22, 10, 0, 30) / 1000) },
    { remaining: 0, resetMs: 30_000 },
  ],
  [
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' },
    { remaining: 0, resetMs: 30_000 },
  ],
  [
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 10, 22, 10, 0, 30)) },
    { remaining: 0, resetMs: 30_000 },
  ],
  [
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-11-22T10:00:30Z' },
    { remaining: 0, resetMs: 30_000 },
  ],
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-11-22T10:00:30' }, { remaining: 0 }],
  [{ 'x-ratelimit-remaining': '12' }, { remaining: 12 }],
  [{ 'x-ratelimit-remaining': '' }, undefined],
  [
    { 'ratelimit-remaining': '0', 'ratelimit-reset': '5' },
    { remaining: 0, resetMs: 5000 },
  ],
  [
    { ratelimit: '"minuteRate";r=1334, "concurrency";r=79, "complexityMinute";r=0;t=60' },
    { remaining: 0, resetMs: 60_000 },
  ],
  [{ ratelimit: '"a";r=0;t=5, "b";r=0;t=60' }, { remaining: 0, resetMs: 60_000 }],
  [{}, undefined],
])('the limit in %j', (headers, limit) => {
  const { name: _, ...told } = limitFromHeaders(headers, NOW) ?? { name: '' };
  expect(told).toEqual(limit ?? {});
});

test.each([
  [
    {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-reset': '60',
      'x-ratelimit-resource': 'core',
    },
    [{ name: 'core', limit: 5000, remaining: 4999, resetMs: 60_000 }],
  ],
  [{ 'x-rate-limit-limit': '10', 'x-rate-limit-remaining': '3' }, [{ name: '', limit: 10, remaining: 3 }]],
  [
    { 'ratelimit-limit': '100, 100;w=60', 'ratelimit-remaining': '50', 'ratelimit-reset': '30' },
    [{ name: '', limit: 100, remaining: 50, resetMs: 30_000 }],
  ],
  [
    { ratelimit: 'limit=100, remaining=50, reset=5', 'ratelimit-policy': '100;w=60' },
    [{ name: '', limit: 100, windowMs: 60_000, remaining: 50, resetMs: 5000 }],
  ],
  [
    {
      ratelimit: '"minuteRate";r=1334, "concurrency";r=79, "complexityMinute";r=4999840;t=60',
      'ratelimit-policy': '"minuteRate";q=5000;w=60, "complexityMinute";q=5000000;w=60',
    },
    [
      { name: 'minuteRate', limit: 5000, windowMs: 60_000, remaining: 1334 },
      { name: 'concurrency', remaining: 79 },
      { name: 'complexityMinute', limit: 5_000_000, windowMs: 60_000, remaining: 4_999_840, resetMs: 60_000 },
    ],
  ],
])('all limits in %j', (headers, limits) => {
  expect(limitsFromHeaders(headers, NOW)).toEqual(limits);
});
