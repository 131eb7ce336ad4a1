import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';

const RECORDINGS = resolve(import.meta.dirname, '../../../shared/data/snyk');
const reason = existsSync(RECORDINGS) ? '' : ' (skipped: the recordings are not beside this checkout)';

interface Recorded {
  readonly url: string;
  readonly body: { readonly data: readonly { readonly id: string }[] };
}

/**
 * Real answers of Snyk, served as they are; what was not recorded is added: a list of organisations to hang them on, and
 * empty lists. Recorded requests ask for another version and page size than ours do, so the path and the cursor decide.
 */
describe.skipIf(reason !== '')(`real recorded pages of Snyk${reason}`, () => {
  const place = workspace();
  const read = (path: string): string => readFileSync(join(RECORDINGS, path), 'utf8');
  const TARGETS_ORG = '39ddc762-b1b9-41ce-ab42-defbe4575bd6';
  const ISSUES_ORG = 'str123';
  const asked: string[] = [];
  let server: Server;
  let synced: CliAnswer;
  let options: { readonly cwd: string; readonly env: Record<string, string> };

  beforeAll(async () => {
    const [issues]: Recorded[] = JSON.parse(read('defectdojo-issues/code-issues.json'));
    const targets: Recorded[] = JSON.parse(read('pysnyk-targets/targets-3-pages.json'));
    const empty = read('defectdojo-issues/empty.body.json');
    const orgs = [ISSUES_ORG, TARGETS_ORG].map((id) => ({ id, type: 'org', attributes: { name: 'Org', slug: id } }));
    const bodyOf = ({ pathname, searchParams }: URL): string => {
      if (pathname === '/rest/orgs') return JSON.stringify({ jsonapi: { version: '1.0' }, data: orgs, links: {} });
      if (pathname === '/rest/groups') return read('pysnyk-targets/v1_rest_groups.body.json');
      if (pathname === `/rest/orgs/${TARGETS_ORG}/projects`) return read('pysnyk-targets/v1_projects.body.json');
      if (pathname === `/rest/orgs/${ISSUES_ORG}/issues`) return JSON.stringify(issues?.body);
      const page = targets.find(({ url }) => {
        const recorded = new URL(url);
        const cursor = recorded.searchParams.get('starting_after');
        return recorded.pathname === pathname && cursor === searchParams.get('starting_after');
      });
      return page === undefined ? empty : JSON.stringify(page.body);
    };
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      asked.push(url.pathname);
      response.setHeader('content-type', 'application/vnd.api+json; charset=utf-8').end(bodyOf(url));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const env = { SASSY_SNYK__TOKEN: 'any-token-at-all', SASSY_SNYK__BASE_URL: `http://127.0.0.1:${port}` };
    options = { cwd: place.folder, env };
    synced = await runCli(['run', 'snyk', 'sync', '--json'], options);
  });
  afterAll(() => {
    server.close();
    place.remove();
  });

  it('every record arrives', () => {
    expect(synced.code, synced.stderr).toBe(0);
    const counts = synced
      .json()
      .streams.map(({ name, records, invalid = 0 }: { name: string; records: number; invalid?: number }) => [
        name,
        records,
        invalid,
      ]);
    expect(counts).toEqual([
      ['orgs', 2, 0],
      ['projects', 1, 0],
      ['issues', 3, 0],
      ['targets', 30, 0],
      ['groups', 2, 0],
      ['org_memberships', 0, 0],
      ['group_memberships', 0, 0],
    ]);
    expect(asked.filter((path) => path === `/rest/orgs/${TARGETS_ORG}/targets`)).toHaveLength(3);
  });

  it('the records are what was recorded, in any version', async () => {
    const recorded: Recorded[] = JSON.parse(read('pysnyk-targets/targets-3-pages.json'));
    const truth = recorded.flatMap(({ body }) => body.data);
    const shown = (await runCli(['run', 'snyk', 'show', 'targets'], options)).lines();
    expect(Object.fromEntries(shown.map((item) => [item.id, item]))).toEqual(
      Object.fromEntries(truth.map((item) => [item.id, item])),
    );
  });

  it('the projects say what the recording says', async () => {
    const { data }: Recorded['body'] = JSON.parse(read('pysnyk-targets/v1_projects.body.json'));
    const projects = (await runCli(['run', 'snyk', 'show', 'Project', '--json'], options)).lines();
    expect(projects.map(({ id }: { id: string }) => id).sort()).toEqual(data.map(({ id }) => id).sort());
    expect(projects.find(({ id }: { id: string }) => id.startsWith('f9fec29a'))).toMatchObject({
      name: 'testing-new-name',
      kind: 'maven',
      origin: 'api',
      file: null,
      branch: null,
    });
  });

  it('the findings say what the recording says', async () => {
    const findings = (await runCli(['run', 'snyk', 'show', 'Finding', '--json'], options)).lines();
    expect(findings).toHaveLength(3);
    expect(findings.find(({ id }: { id: string }) => id.startsWith('3916a413'))).toEqual({
      id: '3916a413-2fca-45c9-a1bf-a1373258fe69',
      source: 'snyk',
      title: 'Cross-Site Request Forgery (CSRF)',
      kind: 'code',
      severity: 'high',
      status: 'open',
      projectId: '25502d3a-2799-4e20-97d6-2cb552058894',
      projectName: null,
      orgId: ISSUES_ORG,
      cves: [],
      cwes: ['CWE-352'],
      packages: [],
      fixable: false,
      riskScore: 829,
      url: null,
      createdAt: '2024-12-13T12:29:59.035Z',
      updatedAt: '2025-03-08T01:31:31.667Z',
      resolvedAt: null,
    });
  });
});
