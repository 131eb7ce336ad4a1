import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MondayEmulatorOptions } from '../emulators/monday/contract.ts';
import { startMondayEmulator, type MondayEmulator } from '../emulators/monday/monday-emulator.ts';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

const ITEMS = /items_page/;

function streamOf(emulator: MondayEmulator, place: Workspace, args = 'stream', env = {}): Promise<CliAnswer> {
  return runCli(['run', 'monday', ...args.split(' '), '--json'], {
    cwd: place.folder,
    env: {
      SASSY_MONDAY__TOKEN: emulator.token,
      SASSY_MONDAY__BASE_URL: emulator.url,
      SASSY_MONDAY__PAGE_SIZE: '20',
      ...env,
    },
  });
}

describe('what the API refuses', () => {
  let emulator: MondayEmulator;
  let place: Workspace;
  beforeAll(async () => {
    emulator = await startMondayEmulator({ boards: 2, itemsPerBoard: 50, users: 5 });
  });
  beforeEach(() => {
    place = workspace();
    emulator.clearRequests();
    return () => place.remove();
  });
  afterAll(() => emulator.close());

  const run = (args?: string, env = {}): Promise<CliAnswer> => streamOf(emulator, place, args, env);
  const items = (answer: CliAnswer): { status: string; records: number; retries: number } =>
    answer.json().streams.find(({ name }: { name: string }) => name === 'items');

  it('a wrong token is a refused login', async () => {
    const answer = await run('check', { SASSY_MONDAY__TOKEN: 'not-the-token' });
    expect(answer.code).toBe(4);
    expect(answer.json().checks[0].error.code).toBe('LOGIN_REFUSED');
  });

  it.each([
    ['the first form of 401', 401, { errors: ['Not Authenticated'] }, 'LOGIN_REFUSED', 4],
    [
      'login in a 200',
      200,
      { errors: [{ message: 'Not authenticated', extensions: { code: 'NOT_AUTHENTICATED' } }] },
      'LOGIN_REFUSED',
      4,
    ],
    [
      'a permission, new form',
      200,
      {
        data: { boards: null },
        errors: [
          {
            message: 'User unauthorized to perform action',
            path: ['boards'],
            extensions: { code: 'USER_UNAUTHORIZED', status_code: 403 },
          },
        ],
      },
      'PERMISSION_DENIED',
      4,
    ],
    [
      'a permission, old form',
      200,
      { error_code: 'UserUnauthorizedException', status_code: 403 },
      'PERMISSION_DENIED',
      4,
    ],
    [
      'a field that does not exist',
      200,
      { errors: [{ message: "Field 'x' doesn't exist on type 'Board'", extensions: { code: 'undefinedField' } }] },
      'API_REFUSED',
      5,
    ],
    [
      'an error without a code',
      200,
      {
        errors: [
          { message: 'Enum "State" cannot represent non-enum value: "x".', locations: [{ line: 1, column: 2 }] },
        ],
      },
      'API_REFUSED',
      5,
    ],
    [
      'a query that is too complex for any budget',
      200,
      {
        errors: [{ message: 'Query is too complex', extensions: { code: 'maxComplexityExceeded', status_code: 429 } }],
      },
      'API_REFUSED',
      5,
    ],
    ['no data and no errors', 200, { account_id: 1 }, 'API_WRONG_ANSWER', 5],
    [
      'a board missing from the list',
      200,
      {
        data: { boards: [{ id: '1' }, null] },
        errors: [{ message: 'User unauthorized', path: ['boards', 1], extensions: { code: 'USER_UNAUTHORIZED' } }],
      },
      'PERMISSION_DENIED',
      4,
    ],
  ])('%s', async (_name, status, body, code, exitCode) => {
    emulator.failNext({ query: /boards\(/ }, { status, body });
    const answer = await run('stream --streams boards');
    expect(answer.json().streams[0].error.code).toBe(code);
    expect(answer.code).toBe(exitCode);
  });

  it('the daily limit stops the run and says when it goes on: midnight UTC by the server', async () => {
    emulator.failNext(
      { query: ITEMS },
      {
        status: 200,
        headers: { date: 'Fri, 20 Nov 2026 18:00:00 GMT' },
        body: {
          errors: [{ message: 'Daily limit exceeded', extensions: { code: 'DAILY_LIMIT_EXCEEDED', status_code: 429 } }],
        },
      },
    );
    const answer = await run();
    expect(answer.code).toBe(75);
    const { error } = answer.json().streams.find(({ name }: { name: string }) => name === 'items');
    expect(error.code).toBe('RATE_LIMITED');
    expect(JSON.stringify(error)).toContain('21600 s');
  });

  it('limits in all their forms are waited for', async () => {
    const limited = (body: object, status = 200, headers = {}): void =>
      emulator.failNext({ query: ITEMS }, { status, body, headers });
    limited({
      errors: [
        {
          message: 'Complexity budget exhausted',
          extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED', retry_in_seconds: 1 },
        },
      ],
    });
    limited({ error_code: 'FIELD_LIMIT_EXCEEDED', error_data: { retry_in_seconds: 1 }, status_code: 429 });
    limited({ errors: [{ message: 'Rate limit exceeded' }] }, 429, { 'retry-after': '1' });
    const answer = await run();
    expect(answer.code, answer.stderr).toBe(0);
    expect(items(answer)).toMatchObject({ status: 'complete', records: 100, retries: 3 });
  });

  it('errors of the moment, broken and cut answers cost no record', async () => {
    emulator.failNext(
      { query: ITEMS },
      { status: 500, body: { status_code: 500, error_code: 'INTERNAL_SERVER_ERROR' } },
    );
    emulator.failNext({ query: ITEMS, skip: 1 }, { reset: true });
    emulator.failNext({ query: ITEMS, skip: 2 }, { truncate: 700 });
    const answer = await run();
    expect(answer.code, answer.stderr).toBe(0);
    expect(items(answer)).toMatchObject({ status: 'complete', records: 100 });
  });

  it('a cursor that has expired: the board is read again, each item is there once', async () => {
    const [board] = emulator.truth.boards;
    emulator.failNext(
      { query: /next_items_page/ },
      {
        status: 200,
        body: { errors: [{ message: 'The cursor has expired', extensions: { code: 'CursorExpiredError' } }] },
      },
    );
    const answer = await run();
    expect(answer.code, answer.stderr).toBe(0);
    expect((await run('show items')).lines()).toHaveLength(100);
    expect(emulator.requests.filter(({ variables }) => variables['board'] === board?.id)).not.toHaveLength(0);
  });

  it('a run that ended early goes on; when its cursor has died meanwhile, from the start of the board', async () => {
    expect((await run('stream --max-pages 2')).code).toBe(0);
    emulator.expireCursors();
    const answer = await run();
    expect(answer.code, answer.stderr).toBe(0);
    expect((await run('show items')).lines()).toHaveLength(100);
  });

  it('a board that may not be read is left out, counted, and the others are read', async () => {
    const body = { error_code: 'UserUnauthorizedException', error_message: 'User unauthorized', status_code: 403 };
    emulator.failNext({ query: ITEMS }, { status: 200, body });
    const answer = await run();
    expect(items(answer).records).toBe(50);
    expect(answer.code).toBe(6);
  });

  it('partial data: a field of a record is missing, and the record is there', async () => {
    emulator.failNext(
      { query: /teams \{/ },
      {
        status: 200,
        body: {
          data: { teams: [{ id: '1', name: 'Red', users: null }] },
          errors: [
            { message: 'Users unavailable', path: ['teams', 0, 'users'], extensions: { code: 'ASSET_UNAVAILABLE' } },
          ],
        },
      },
    );
    const answer = await run('stream --streams teams');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().streams[0].records).toBe(1);
  });
});

describe('limits of the account', () => {
  async function read(options: MondayEmulatorOptions): Promise<{ answer: CliAnswer; emulator: MondayEmulator }> {
    const emulator = await startMondayEmulator({ boards: 2, itemsPerBoard: 60, users: 5, ...options });
    const place = workspace();
    try {
      return { answer: await streamOf(emulator, place, 'stream', { SASSY_MONDAY__PAGE_SIZE: '30' }), emulator };
    } finally {
      await emulator.close();
      place.remove();
    }
  }

  it('the complexity that is left is asked for, and the reset awaited before the API refuses', async () => {
    // A page costs some hundred points: two of them fit into a window.
    const { answer, emulator } = await read({ complexity: { points: 1_500, windowMs: 1_000 } });
    expect(answer.code, answer.stderr).toBe(0);
    const items = answer.json().streams.find(({ name }: { name: string }) => name === 'items');
    expect(items.records).toBe(120);
    expect(items.retries).toBeLessThanOrEqual(1);
    expect(items.waitedMs).toBeGreaterThan(0);
    expect(emulator.requests.every(({ query }) => query.includes('complexity'))).toBe(true);
  });

  it('calls a minute: 429 with Retry-After', async () => {
    const { answer } = await read({ minuteLimit: { requests: 4, windowMs: 1_000 } });
    expect(answer.code, answer.stderr).toBe(0);
  });

  it('the old form of errors is understood as well', async () => {
    const { answer } = await read({ complexity: { points: 1_500, windowMs: 1_000 }, errorFormat: 'old' });
    expect(answer.code, answer.stderr).toBe(0);
  });

  it('calls a day', async () => {
    const { answer } = await read({ dailyLimit: 3 });
    expect(answer.code).toBe(75);
    expect(JSON.stringify(answer.json())).toContain('RATE_LIMITED');
  });
});
