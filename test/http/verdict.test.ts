import { describe, expect, test } from 'vitest';
import { readableError } from '../../src/http/error-body.ts';
import { classify } from '../../src/http/verdict.ts';
import type { HttpRequest, HttpResponse, Policy } from '../../src/model/http.ts';
import { get, refused, rig } from './client-under-test.ts';
import { serve } from './local-server.ts';

const verdictOf = classify();
const response = (status: number, body: unknown = '', headers = {}): HttpResponse => ({
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const page2: HttpRequest = get('https://h/a', { continues: true });
const query: HttpRequest = get('https://h/graphql', { method: 'POST', body: '{"query":"{ x }"}' });

describe('a page that another led to and that the API no longer has', () => {
  test.each([
    [404, '', 'restart'],
    [410, '', 'restart'],
    [400, { message: 'The cursor has expired' }, 'restart'],
    [400, { error: { code: 'INVALID_PAGE_TOKEN', message: 'Page token is invalid' } }, 'restart'],
    [422, { detail: 'pagination_token no longer valid' }, 'restart'],
    [400, { message: 'Invalid cursor specified' }, 'restart'],
    [400, { message: 'limit must be below 100' }, 'fail'],
    [422, { message: 'invalid date' }, 'fail'],
    [403, '', 'denied'],
  ])('%i %j: %s, and on a first page never a restart', (status, body, kind) => {
    expect(verdictOf(response(status, body), page2).kind).toBe(kind);
    expect(verdictOf(response(status, body), get('https://h/a')).kind).not.toBe('restart');
  });

  test('is PAGE_EXPIRED, which the streamer answers by reading the slice again', async () => {
    const server = await serve(() => ({ status: 410, body: '{"message":"gone"}' }));
    const { client } = await rig(server.origin);
    const error = await refused(client.send({ path: '/a', continues: true }));
    expect([error.code, error.exitCode, server.requests.length]).toEqual(['PAGE_EXPIRED', 5, 1]);
    expect((await refused(client.send({ path: '/a' }))).code).toBe('API_REFUSED');
  });
});

describe('errors in the answer to a GraphQL query', () => {
  const errors = (...list: unknown[]) => ({ data: null, errors: list });
  test.each([
    [errors({ message: 'slow down', extensions: { code: 'RATE_LIMITED' } }), 'retry'],
    [errors({ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }), 'retry'],
    [errors({ message: 'x', extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED', retry_in_seconds: 7 } }), 'retry'],
    [errors({ message: 'x', extensions: { code: 'INTERNAL_SERVER_ERROR' } }), 'retry'],
    [errors({ message: 'x', extensions: { code: 'UNAUTHENTICATED' } }), 'refresh'],
    [errors({ message: 'x', extensions: { code: 'NOT_AUTHENTICATED' } }), 'refresh'],
    [errors({ type: 'FORBIDDEN', message: 'no' }), 'denied'],
    [errors({ message: "Field 'x' doesn't exist" }), 'fail'],
    [errors('Not Authenticated'), 'fail'],
    [{ data: { a: 1 }, errors: [{ message: 'partial' }] }, 'fail'],
    [{ data: { errors: [{ message: 'a record of that name' }] } }, 'ok'],
    [{ data: { a: 1 }, errors: [] }, 'ok'],
    ['{"data":{},"errors":[', 'ok'],
  ])('%j is %s', (body, kind) => {
    expect(verdictOf(response(200, body), query).kind).toBe(kind);
    // A field of that name in any other answer is data.
    expect(verdictOf(response(200, body), get('https://h/a')).kind).toBe('ok');
    expect(verdictOf(response(200, body), { ...query, body: '{"filter":{}}' }).kind).toBe('ok');
  });

  test('the wait beside the code is kept', () => {
    const body = errors({ extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED', retry_in_seconds: 7 } });
    expect(verdictOf(response(200, body), query)).toMatchObject({ limited: true, afterMs: 7000 });
    expect(verdictOf(response(200, body, { 'retry-after': '9' }), query)).toMatchObject({ afterMs: 9000 });
  });

  test('{"ok":false} in a 200 is what the rule of an integration makes of it (S4)', async () => {
    const server = await serve((_, n) => ({
      body: n === 1 ? '{"ok":false,"error":"ratelimited"}' : '{"ok":false,"error":"no_scope"}',
    }));
    const { client } = await rig(server.origin, {
      verdicts: [
        ({ body }) =>
          body.includes('"ok":false')
            ? body.includes('ratelimited')
              ? { kind: 'retry', reason: 'ratelimited', limited: true, afterMs: 3000 }
              : { kind: 'denied', reason: 'no_scope' }
            : undefined,
      ],
    });
    expect((await refused(client.getJson('/a'))).code).toBe('PERMISSION_DENIED');
    expect(server.requests).toHaveLength(2);
  });
});

describe('a login that has run out', () => {
  const rules = [
    ({ body }: HttpResponse) =>
      body.includes('session over') ? ({ kind: 'refresh', reason: 'session' } as const) : undefined,
  ];
  const renewing = { policy: () => renewOnce };
  let renewed = 0;
  const renewOnce: Policy = (next) => async (request) => {
    const answer = await next(request);
    if (answer.status !== 401) return answer;
    renewed += 1;
    return next({ ...request, headers: { ...request.headers, authorization: 'new' } });
  };

  test('reaches the login policy as a 401, whatever status it came with, and is sent again once', async () => {
    const server = await serve(({ headers }) =>
      headers.authorization === 'new' ? { body: '{"ok":true}' } : { body: '{"error":"session over"}' },
    );
    const { client } = await rig(server.origin, { auth: renewing, verdicts: rules });
    expect(await client.getJson('/a')).toEqual({ ok: true });
    expect([renewed, server.requests.length]).toEqual([1, 2]);
  });

  test('refused again it is a refused login', async () => {
    const server = await serve(() => ({ body: '{"error":"session over"}' }));
    for (const settings of [{ auth: renewing, verdicts: rules }, { verdicts: rules }]) {
      const error = await refused((await rig(server.origin, settings)).client.getJson('/a'));
      expect([error.code, error.exitCode]).toEqual(['LOGIN_REFUSED', 4]);
      expect(error.why).toContain('200 session: session over');
    }
  });
});

test('errors are readable in the formats of the vendors', () => {
  const shown = (body: unknown) => readableError(response(400, body));
  expect(shown({ type: 'https://h/e', title: 'Out of credit', detail: 'Your balance is 30', status: 403 })).toBe(
    '403 Out of credit Your balance is 30',
  );
  expect(shown('<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>')).toBe(
    'SlowDown Reduce your rate',
  );
  expect(shown({ __type: 'ThrottlingException', message: 'Rate exceeded' })).toBe('ThrottlingException Rate exceeded');
  expect(shown({ error: { code: 403, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } })).toContain(
    '403 Quota exceeded',
  );
  expect(shown({ errors: [{ message: 'a', extensions: { code: 'B' } }, 'c'] })).toBe('B a; c');
  expect(shown({ errorMessages: ['No project'], errors: {} })).toBe('No project');
});
