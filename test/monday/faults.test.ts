import { describe, test } from 'vitest';
import type { MondayEmulatorOptions } from '../emulators/monday/contract.ts';
import { startMondayEmulator, type MondayEmulator } from '../emulators/monday/monday-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';

const ITEMS = /items_page/;

/** An account and an empty folder of one test: tests run side by side, because most of their time is waiting. */
async function inAccount(options: MondayEmulatorOptions, test: (account: Account) => Promise<void>): Promise<void> {
  const emulator = await startMondayEmulator({ boards: 2, itemsPerBoard: 50, users: 5, ...options });
  const place = workspace();
  const run = (args = 'stream', env = {}): Promise<CliAnswer> =>
    runCli(['run', 'monday', ...args.split(' '), '--json'], {
      cwd: place.folder,
      env: {
        SASSY_MONDAY__TOKEN: emulator.token,
        SASSY_MONDAY__BASE_URL: emulator.url,
        SASSY_MONDAY__PAGE_SIZE: '20',
        ...env,
      },
    });
  try {
    await test({ emulator, run });
  } finally {
    await emulator.close();
    place.remove();
  }
}

interface Account {
  readonly emulator: MondayEmulator;
  readonly run: (args?: string, env?: Readonly<Record<string, string>>) => Promise<CliAnswer>;
}

function itemsOf(answer: CliAnswer): { status: string; records: number; skippedSlices?: number; waitedMs: number } {
  return answer.json().streams.find(({ name }: { name: string }) => name === 'items');
}

const it = test.extend<{ account: Account }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads what a fixture needs from this parameter
  account: ({}, use) => inAccount({}, use),
});

describe.concurrent('what the API refuses, through the command line', () => {
  it('a wrong token is a refused login', async ({ account: { run }, expect }) => {
    const answer = await run('check', { SASSY_MONDAY__TOKEN: 'not-the-token' });
    expect(answer.code).toBe(4);
    expect(answer.json().checks[0].error.code).toBe('LOGIN_REFUSED');
  });

  it.for([
    ['a missing scope', { error_code: 'UserUnauthorizedException', status_code: 403 }, 'PERMISSION_DENIED', 4],
    ['a wrong query', { errors: [{ message: "Field 'x' doesn't exist on type 'Board'" }] }, 'API_REFUSED', 5],
    ['no data and no errors', { account_id: 1 }, 'API_WRONG_ANSWER', 5],
  ])('%s has its code and exit code', async ([_name, body, code, exitCode], { account: { emulator, run }, expect }) => {
    emulator.failNext({ query: /boards\(/ }, { status: 200, body });
    const answer = await run('stream --streams boards');
    expect(answer.json().streams[0].error.code).toBe(code);
    expect(answer.code).toBe(exitCode);
  });

  it('the daily limit stops the run and says when it goes on', async ({ account: { emulator, run }, expect }) => {
    const headers = { date: 'Fri, 20 Nov 2026 18:00:00 GMT' };
    const body = { errors: [{ message: 'Daily limit exceeded', extensions: { code: 'DAILY_LIMIT_EXCEEDED' } }] };
    emulator.failNext({ query: /boards\(/ }, { status: 200, headers, body });
    const before = Date.now();
    const answer = await run('stream --streams boards');
    expect(answer.code).toBe(75);
    expect(answer.json().error.code).toBe('RATE_LIMITED');
    // Six hours are left of the server's day.
    expect(Date.parse(answer.json().resumeAfter)).toBeGreaterThanOrEqual(before + 6 * 3_600_000);
  });

  it('limits, errors of the moment, broken and cut answers cost no record', async ({
    account: { emulator, run },
    expect,
  }) => {
    const exhausted = {
      message: 'Complexity budget exhausted',
      extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED', retry_in_seconds: 1 },
    };
    emulator.failNext({ query: ITEMS }, { status: 200, body: { errors: [exhausted] } });
    emulator.failNext(
      { query: ITEMS, skip: 1 },
      { status: 500, body: { status_code: 500, error_code: 'INTERNAL_SERVER_ERROR' } },
    );
    emulator.failNext({ query: ITEMS, skip: 2 }, { reset: true });
    emulator.failNext({ query: ITEMS, skip: 3 }, { truncate: 700 });
    const answer = await run();
    expect(answer.code, answer.stderr).toBe(0);
    expect(itemsOf(answer)).toMatchObject({ status: 'complete', records: 100 });
  });

  it('a cursor that expires: the board is read again, each item is there once', async ({
    account: { emulator, run },
    expect,
  }) => {
    const expired = { message: 'The cursor has expired', extensions: { code: 'CursorExpiredError' } };
    emulator.failNext({ query: /next_items_page/ }, { status: 200, body: { errors: [expired] } });
    const answer = await run('stream --streams boards,items');
    expect(answer.code, answer.stderr).toBe(0);
    expect((await run('show items')).lines()).toHaveLength(100);
  });

  it('a run that ended early goes on; when its cursor has died meanwhile, from the start of the board', async ({
    account: { emulator, run },
    expect,
  }) => {
    expect((await run('stream --streams boards')).code).toBe(0);
    expect((await run('stream --streams items --max-pages 2')).code).toBe(0);
    emulator.expireCursors();
    const answer = await run('stream --streams items');
    expect(answer.code, answer.stderr).toBe(0);
    expect((await run('show items')).lines()).toHaveLength(100);
  });

  it('a board that may not be read is left out and counted, the others are read', async ({
    account: { emulator, run },
    expect,
  }) => {
    const body = { error_code: 'UserUnauthorizedException', error_message: 'User unauthorized', status_code: 403 };
    emulator.failNext({ query: ITEMS }, { status: 200, body });
    expect(itemsOf(await run())).toMatchObject({ records: 50, skippedSlices: 1 });
  });
});

describe.concurrent('limits of the account', () => {
  test.for(['new', 'old'] as const)(
    'the complexity that is left is asked for and honoured (errors in the %s form)',
    async (errorFormat, { expect }) =>
      inAccount({ complexity: { points: 1_500, windowMs: 2_000 }, errorFormat }, async ({ emulator, run }) => {
        const answer = await run();
        // A page costs some hundred points.
        expect(answer.code, answer.stderr).toBe(0);
        expect(itemsOf(answer).records).toBe(100);
        expect(itemsOf(answer).waitedMs).toBeGreaterThan(0);
        expect(emulator.requests.every(({ query }) => query.includes('complexity'))).toBe(true);
      }),
  );

  test('calls a minute: 429 with Retry-After', ({ expect }) =>
    inAccount({ minuteLimit: { requests: 4, windowMs: 1_000 } }, async ({ run }) => {
      const answer = await run();
      expect(answer.code, answer.stderr).toBe(0);
      expect(itemsOf(answer).records).toBe(100);
    }));

  test('calls a day', ({ expect }) =>
    inAccount({ dailyLimit: 3 }, async ({ run }) => {
      const answer = await run();
      expect(answer.code).toBe(75);
    }));
});
