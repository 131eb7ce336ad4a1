import { describe, expect, it } from 'vitest';
import { mondayVerdict } from '../../integrations/monday/errors.ts';
import { firstItems, TEAMS } from '../../integrations/monday/queries.ts';

const RECORD = { id: '1' };

/** An answer to a query of items of one board, or of teams. */
function verdict(body: unknown, { status = 200, headers = {}, query = TEAMS } = {}): ReturnType<typeof mondayVerdict> {
  const response = { status, headers, body: Buffer.from(JSON.stringify(body)) };
  return mondayVerdict(response, {
    method: 'POST',
    url: 'https://api.monday.com/v2',
    headers: {},
    body: JSON.stringify({ query }),
  });
}

function error(code: string | undefined, message = '', extensions: object = {}, path?: readonly unknown[]): object {
  return {
    data: null,
    errors: [{ message, path, extensions: { ...(code === undefined ? {} : { code }), ...extensions } }],
  };
}

describe('limits', () => {
  it.each([
    ['new form', error('COMPLEXITY_BUDGET_EXHAUSTED', 'Complexity budget exhausted', { retry_in_seconds: 7 }), 7_000],
    [
      '2025-01',
      error('COMPLEXITY_BUDGET_EXHAUSTED', '', { complexity: 6182, retry_in_seconds: 60, status_code: 429 }),
      60_000,
    ],
    [
      'before 2025-01',
      {
        error_code: 'ComplexityException',
        status_code: 429,
        error_message:
          'Complexity budget exhausted, query cost 30001 budget remaining 19986 out of 1000000 reset in 3 seconds',
        error_data: {},
        errors: [
          'Complexity budget exhausted, query cost 30001 budget remaining 19986 out of 1000000 reset in 3 seconds',
        ],
      },
      3_000,
    ],
    [
      'of one field',
      { error_code: 'FIELD_LIMIT_EXCEEDED', error_data: { retry_in_seconds: 15 }, status_code: 429 },
      15_000,
    ],
    [
      'of one field a minute',
      error('FIELD_MINUTE_RATE_LIMIT_EXCEEDED', '', { retry_in_seconds: 4, status_code: 429 }),
      4_000,
    ],
    ['concurrency', error('maxConcurrencyExceeded', 'Concurrency limit exceeded'), undefined],
    ['by address', error('IP_RATE_LIMIT_EXCEEDED', '', { retry_in_seconds: 5 }), 5_000],
    ['text alone', { errors: ['Rate Limit Exceeded.'] }, undefined],
    [
      'the wait beside the list of errors',
      { errors: [{ extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED' } }], retry_in_seconds: 31 },
      31_000,
    ],
    [
      'the wait in the extensions of the whole answer',
      { errors: [{ message: '', extensions: { status_code: 429 } }], extensions: { retry_in_seconds: 31 } },
      31_000,
    ],
  ])('%s', (_name, body, afterMs) => {
    expect(verdict(body)).toMatchObject({ kind: 'retry', limited: true });
    expect(verdict(body)).toHaveProperty('kind', 'retry');
    expect(verdict(body)).toEqual(
      afterMs === undefined ? expect.not.objectContaining({ afterMs: 0 }) : expect.objectContaining({ afterMs }),
    );
  });

  it('429 waits as long as the header says, or the body when that is longer', () => {
    const answer = { status: 429, headers: { 'retry-after': '30' } };
    expect(verdict({ errors: [{ message: 'Rate limit exceeded' }] }, answer)).toMatchObject({ afterMs: 30_000 });
    expect(verdict(error('RATE_LIMIT_EXCEEDED', '', { retry_in_seconds: 40 }), answer)).toMatchObject({
      afterMs: 40_000,
    });
  });

  it('the calls of a day come back at midnight UTC, by the server', () => {
    const headers = { date: 'Fri, 20 Nov 2026 18:00:00 GMT' };
    expect(verdict(error('DAILY_LIMIT_EXCEEDED'), { headers })).toMatchObject({
      limited: true,
      afterMs: 6 * 3_600_000,
    });
    expect(verdict(error('DAILY_LIMIT_EXCEEDED'))).toMatchObject({ limited: true, afterMs: 24 * 3_600_000 });
  });

  it('a query that no budget pays for is not sent again', () => {
    expect(verdict(error('maxComplexityExceeded', '', { status_code: 429 }))).toMatchObject({ kind: 'fail' });
  });
});

describe('errors', () => {
  it.each([
    ['login, new form in a 200', error('NOT_AUTHENTICATED', 'Not authenticated'), 'refresh'],
    ['login, as text', { errors: ['Not Authenticated'] }, 'refresh'],
    [
      'permission, new',
      error('USER_UNAUTHORIZED', 'User unauthorized to perform action', { status_code: 403 }),
      'denied',
    ],
    ['permission, old', { error_code: 'UserUnauthorizedException', status_code: 403 }, 'denied'],
    ['scope', error('missingRequiredPermissions'), 'denied'],
    ['a field that does not exist', error('undefinedField', "Field 'x' doesn't exist on type 'Item'"), 'fail'],
    ['a syntax error', { errors: [{ message: 'Parse error on ")"', locations: [{ line: 59, column: 15 }] }] }, 'fail'],
    ['of the server', error('INTERNAL_SERVER_ERROR', 'Internal server error', { status_code: 500 }), 'retry'],
    ['of the server, old', { status_code: 500, error_message: 'Internal server error' }, 'retry'],
    ['locked', error('RESOURCE_LOCKED', 'Resource is currently locked', { status_code: 423 }), 'retry'],
    ['cursor', error('CursorExpiredError', 'The cursor provided for pagination has expired'), 'restart'],
    ['cursor, old', { error_code: 'CursorException', error_message: 'invalid cursor', status_code: 200 }, 'restart'],
  ])('%s', (_name, body, kind) => {
    expect(verdict(body)).toMatchObject({ kind });
  });

  it.each([
    ['may not be read', { error_code: 'UserUnauthorizedException', status_code: 403 }],
    ['is gone', { error_code: 'InvalidBoardIdException', error_message: 'The board does not exist', status_code: 200 }],
    ['is not found', error('RESOURCE_NOT_FOUND', '', { status_code: 404 })],
  ])('one board that %s is left out', (_name, body) => {
    expect(verdict(body, { query: firstItems(undefined) })).toMatchObject({ kind: 'skip' });
    expect(verdict(body)).not.toMatchObject({ kind: 'skip' });
  });

  it('an answer without errors, and a 401, are left to the framework', () => {
    expect(verdict({ data: { teams: [RECORD] } })).toBeUndefined();
    expect(verdict({ data: { teams: [{ ...RECORD, name: '"errors"' }] } })).toBeUndefined();
    expect(verdict({ errors: ['Not Authenticated'] }, { status: 401 })).toBeUndefined();
  });
});

describe('partial data', () => {
  const unavailable = [
    { message: 'Photo unavailable.', path: ['teams', 0, 'picture_url'], extensions: { code: 'ASSET_UNAVAILABLE' } },
  ];

  it('a field of a record is missing: the records count', () => {
    expect(verdict({ data: { teams: [RECORD] }, errors: unavailable })).toEqual({ kind: 'ok' });
    const items = { boards: [{ items_page: { cursor: null, items: [RECORD] } }] };
    expect(verdict({ data: items, errors: unavailable })).toEqual({ kind: 'ok' });
  });

  it.each([
    ['a record', { teams: [RECORD, null] }],
    ['the list', { teams: null }],
    ['the page of items', { boards: [null] }],
    ['everything', null],
    ['all, in the old way', []],
  ])('%s is missing: an error', (_name, data) => {
    expect(verdict({ data, errors: unavailable })).toMatchObject({ kind: 'fail' });
  });

  it('a limit is waited for, whatever came beside it', () => {
    const errors = [...unavailable, { message: '', extensions: { code: 'FIELD_MINUTE_RATE_LIMIT_EXCEEDED' } }];
    expect(verdict({ data: { teams: [RECORD] }, errors })).toMatchObject({ kind: 'retry', limited: true });
  });
});
