import { expect, test } from 'vitest';
import { openTelemetry, urlTemplate } from '../../src/http/open-telemetry.ts';

test('a span and a measurement for each attempt, a sum of the waits, and no value of the query', async () => {
  const seen: unknown[] = [];
  const api = {
    trace: {
      getTracer: (name: string) => ({
        startSpan: (span: string, options: object) => {
          seen.push([name, span, options]);
          return { setStatus: (status: object) => seen.push(status), end: (at: number) => seen.push(at) };
        },
      }),
    },
    metrics: {
      getMeter: () => ({
        createHistogram: (name: string) => ({
          record: (value: number, more: object) => seen.push([name, value, more]),
        }),
        createCounter: (name: string) => ({ add: (value: number, more: object) => seen.push([name, value, more]) }),
      }),
    },
  };
  const events = await openTelemetry(
    async () => api,
    () => 5000,
  );
  const url = 'https://api.acme.com/v1/orgs/3f2a/issues?key=sesame-open';
  events?.({ type: 'wait', reason: 'limit', ms: 2000 });
  events?.({ type: 'attempt', method: 'GET', url, status: 503, attempt: 2, durationMs: 40, waitedMs: 2000, bytes: 0 });
  const attributes = {
    'http.request.method': 'GET',
    'server.address': 'api.acme.com',
    'url.template': '/v1/orgs/{id}/issues',
    'http.response.status_code': 503,
  };
  expect(seen).toEqual([
    ['sassy.http.wait', 2, { 'sassy.wait.reason': 'limit' }],
    [
      'sassy',
      'GET /v1/orgs/{id}/issues',
      {
        kind: 2,
        startTime: 4960,
        attributes: { ...attributes, 'http.request.resend_count': 1, 'sassy.waited_ms': 2000 },
      },
    ],
    { code: 2 },
    5000,
    ['http.client.request.duration', 0.04, attributes],
  ]);
  expect(JSON.stringify(seen)).not.toContain('sesame');
});

test('without the package, or with something else of its name, nothing happens', async () => {
  expect(await openTelemetry()).toBeUndefined();
  expect(await openTelemetry(async () => ({ trace: 1 }))).toBeUndefined();
});

test('templates have no ids in them', () => {
  expect(urlTemplate('/rest/orgs/0f1e2d3c-aaaa-4bbb-8ccc-1234567890ab/projects')).toBe('/rest/orgs/{id}/projects');
  expect(urlTemplate('/v1.2/users/42')).toBe('/v1.2/users/{id}');
  expect(urlTemplate('/')).toBe('/');
});
