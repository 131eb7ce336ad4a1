import { afterEach, describe, expect, it } from 'vitest';
import { connect, type Connection, streamNamed } from './connection.ts';

const SMALL = { repositoriesPerOrg: 3, alertsPerRepository: 30, membersPerOrg: 3 };

describe('limits and faults', () => {
  let github: Connection;
  afterEach(() => github.close());

  it('limits and passing trouble: the run waits, tries again and ends whole', async () => {
    github = await connect(SMALL);
    const { emulator } = github;
    const wait = { 'retry-after': '1' };
    emulator.failNext(
      { path: /\/repos$/ },
      { status: 403, headers: wait, body: { message: 'You have exceeded a secondary rate limit.' } },
    );
    emulator.failNext({ path: /members$/ }, { status: 429, headers: wait });
    emulator.failNext({ path: /dependabot/ }, { status: 503 });
    emulator.failNext({ path: /code-scanning/, skip: 1 }, { reset: true });
    emulator.failNext({ path: /secret-scanning/ }, { truncate: 40 });
    const answer = await github.run('sync');
    expect(answer.code, answer.stderr).toBe(0);
    expect(streamNamed(answer, 'repositories').retries).toBe(1);
    const { dependabotAlerts, codeScanningAlerts, secretScanningAlerts } = emulator.truth;
    expect((await github.offline('show Finding')).lines()).toHaveLength(
      dependabotAlerts.length + codeScanningAlerts.length + secretScanningAlerts.length,
    );
  });

  it('the primary limit, 403 with nothing remaining: the run waits for its reset', async () => {
    github = await connect({ ...SMALL, rateLimit: { requests: 12, windowMs: 1_000 } });
    const answer = await github.run('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(streamNamed(answer, 'dependabot_alerts').records).toBe(github.emulator.truth.dependabotAlerts.length);
  });

  it('a repository that was removed since it was listed is left out; one that was renamed is followed', async () => {
    github = await connect(SMALL);
    await github.run('stream --streams repositories');
    github.emulator.renameRepository('acme/web', 'frontend');
    github.emulator.removeRepository('acme/infra');
    const first = await github.run('stream --streams alert_lists,dependabot_alerts');
    expect(first.code, first.stderr).toBe(0);
    expect(streamNamed(first, 'dependabot_alerts')).toMatchObject({ skippedSlices: 1, records: 4 * 30 });
    const second = await github.run('stream');
    expect(second.code, second.stderr).toBe(0);
    expect((await github.offline('show dependabot_alerts')).lines()).toHaveLength(
      github.emulator.truth.dependabotAlerts.length,
    );
  });

  it.each([
    ['no login', { status: 401, body: { message: 'Bad credentials' } }, 4, 'LOGIN_REFUSED'],
    ['an organisation that does not exist', { status: 404, body: { message: 'Not Found' } }, 5, 'API_REFUSED'],
    ['a version that is gone', { status: 400, body: { message: 'API version is not supported' } }, 5, 'API_REFUSED'],
  ])('%s ends with the right code', async (_name, fault, code, error) => {
    github = await connect(SMALL);
    github.emulator.failNext({ path: /./, times: 99 }, fault);
    const answer = await github.run('stream --streams repositories');
    expect(streamNamed(answer, 'repositories').error?.code).toBe(error);
    expect(answer.code).toBe(code);
  });

  it('a permission that is missing is no feature that is off: it is refused, and named', async () => {
    github = await connect({ ...SMALL, scopes: null });
    github.emulator.failNext(
      { path: /dependabot/, times: 99 },
      {
        status: 403,
        headers: { 'x-accepted-github-permissions': 'vulnerability_alerts=read' },
        body: { message: 'Resource not accessible by personal access token' },
      },
    );
    const answer = await github.run('stream');
    expect(answer.code).toBe(6);
    expect(streamNamed(answer, 'dependabot_alerts').error?.code).toBe('PERMISSION_DENIED');
    expect(streamNamed(answer, 'code_scanning_alerts').status).toBe('complete');
    const check = await github.run('check');
    expect(check.code).toBe(4);
    expect(check.json().checks[1].error.message).toBe('The login lacks Dependabot alerts: read');
  });

  it('check names the scopes that a classic token lacks', async () => {
    github = await connect({ ...SMALL, scopes: 'gist' });
    const answer = await github.run('check');
    expect(answer.code).toBe(4);
    expect(answer.json().checks[1]).toMatchObject({ ok: false, error: { code: 'PERMISSION_DENIED' } });
    expect(answer.json().checks[1].error.message).toBe('The login lacks security_events (or repo) and read:org');
  });
});
