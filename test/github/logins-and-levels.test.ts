import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type Connection, streamNamed } from './connection.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const APP = { id: 'Iv23liEmulator', installationId: '4711', publicKey };
const APP_ENV = {
  SASSY_GITHUB__TOKEN: '',
  SASSY_GITHUB__USERS: '',
  SASSY_GITHUB__APP_ID: APP.id,
  SASSY_GITHUB__INSTALLATION_ID: APP.installationId,
  SASSY_GITHUB__PRIVATE_KEY: Buffer.from(privateKey).toString('base64'),
};
const NEW_VERSION = { SASSY_GITHUB__API_VERSION: '2026-03-10' };
const SMALL = { repositoriesPerOrg: 3, alertsPerRepository: 5, membersPerOrg: 3 };

describe('logins, levels and versions', () => {
  let github: Connection;
  afterEach(() => github.close());

  it('a GitHub App: its JWT becomes a token, which is renewed when it is refused', async () => {
    github = await connect({ ...SMALL, app: { ...APP, requestsPerToken: 8 } }, APP_ENV);
    const answer = await github.run('stream');
    expect(answer.code, answer.stderr).toBe(0);
    const { requests, truth } = github.emulator;
    const asked = requests.filter(({ path }) => path === '/app/installations/4711/access_tokens');
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(requests.length / 2);
    expect(requests.some(({ path }) => path === '/installation/repositories')).toBe(true);
    const own = truth.repositories.filter(({ owner }) => owner.login === 'acme');
    expect(streamNamed(answer, 'repositories').records).toBe(own.length);
    expect(streamNamed(answer, 'dependabot_alerts').records).toBe(own.length * 5);
  });

  it('an App whose key is not the right one is told so, and nothing of the key is shown', async () => {
    github = await connect({ ...SMALL, app: APP }, { ...APP_ENV, SASSY_GITHUB__APP_ID: 'somebody-else' });
    const answer = await github.run('stream');
    expect(answer.code).toBe(4);
    expect(answer.json().streams[0].error.code).toBe('LOGIN_REFUSED');
    expect(answer.stdout + answer.stderr).not.toContain(privateKey.split('\n')[1]);
  });

  it('alertsLevel org: one list for the organisation, and repositories of users one by one', async () => {
    github = await connect(
      { ...SMALL, alertsPerRepository: 40, orgs: 2 },
      { SASSY_GITHUB__ALERTS_LEVEL: 'org', ...NEW_VERSION },
    );
    const answer = await github.run('sync');
    expect(answer.code, answer.stderr).toBe(0);
    const { truth, requests } = github.emulator;
    const paths = requests.map(({ path }) => path);
    const ids = truth.accounts.filter(({ type }) => type === 'Organization').map(({ id }) => id);
    for (const id of ids) expect(paths).toContain(`/organizations/${id}/dependabot/alerts`);
    expect(paths.filter((path) => path.startsWith('/repos/acme/'))).toEqual([]);
    expect(paths).toContain('/repos/octocat/api/secret-scanning/alerts');
    const findings: { projectId: string | null; kind: string; riskScore: number | null }[] = (
      await github.offline('show Finding')
    ).lines();
    const all = [...truth.dependabotAlerts, ...truth.codeScanningAlerts, ...truth.secretScanningAlerts];
    expect(findings).toHaveLength(all.length);
    expect(findings.every(({ projectId }) => projectId !== null)).toBe(true);
    // Without `cvss`, which the new version no longer has.
    expect(findings.every(({ kind, riskScore }) => (kind === 'package_vulnerability') === (riskScore !== null))).toBe(
      true,
    );
    github.emulator.clearRequests();
    github.emulator.changeAlerts(9);
    const second = await github.run('stream');
    const kinds = ['dependabot_alerts', 'code_scanning_alerts', 'secret_scanning_alerts'];
    expect(kinds.reduce((sum, kind) => sum + streamNamed(second, kind).records, 0)).toBe(9);
    expect(github.emulator.requests.filter(({ path }) => path.includes('/alerts'))).toHaveLength(3 * (2 + 2));
  });

  it('without orgs and users: all that the login can see', async () => {
    github = await connect(SMALL, { SASSY_GITHUB__ORGS: '', SASSY_GITHUB__USERS: '' });
    const answer = await github.run('stream --streams repositories,members');
    expect(streamNamed(answer, 'repositories').records).toBe(github.emulator.truth.repositories.length);
    expect(streamNamed(answer, 'members').requests).toBe(0);
    expect(github.emulator.requests.map(({ path }) => path)).toEqual(['/user/repos']);
  });

  it('several lists as one: an interrupted run goes on in the list that it was in', async () => {
    github = await connect({ repositoriesPerOrg: 101, alertsPerRepository: 0 });
    const records: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      records.push(
        streamNamed(await github.run('stream --streams repositories --max-pages 1'), 'repositories').records,
      );
    }
    expect(records).toEqual([100, 1, 2]);
    expect((await github.offline('show repositories')).lines()).toHaveLength(103);
  });

  it('no login at all is said before anything is asked', async () => {
    github = await connect(SMALL, { SASSY_GITHUB__TOKEN: '' });
    const answer = await github.run('stream');
    expect(answer.code).toBe(3);
    expect(answer.stdout).toContain('CONFIG_MISSING');
    expect(github.emulator.requests).toEqual([]);
  });

  it('alertsLevel org without orgs is a config error', async () => {
    github = await connect(SMALL, { SASSY_GITHUB__ALERTS_LEVEL: 'org', SASSY_GITHUB__ORGS: '' });
    const answer = await github.run('stream');
    expect(answer.code).toBe(3);
    expect(answer.stdout).toContain('alertsLevel');
  });
});
