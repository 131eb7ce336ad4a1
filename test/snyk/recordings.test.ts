import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, workspace } from '../support/cli.ts';

const RECORDINGS = resolve(import.meta.dirname, '../../../shared/data/snyk');
const reason = existsSync(RECORDINGS) ? '' : ' (skipped: the recordings are not beside this checkout)';

interface Recorded {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly data: readonly { readonly id: string }[] };
}

/** Real answers of Snyk, served as they are; what was not recorded (the list of organisations) is added. */
describe.skipIf(reason !== '')(`real recorded pages of Snyk${reason}`, () => {
  const place = workspace();
  let server: Server;
  let env: Record<string, string>;
  const org = 'str123';

  beforeAll(async () => {
    const [page]: Recorded[] = JSON.parse(readFileSync(join(RECORDINGS, 'defectdojo-issues/code-issues.json'), 'utf8'));
    const empty = readFileSync(join(RECORDINGS, 'defectdojo-issues/empty.body.json'), 'utf8');
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://x').pathname;
      response.setHeader('content-type', 'application/vnd.api+json; charset=utf-8');
      if (path === '/rest/orgs') {
        response.end(
          JSON.stringify({
            jsonapi: { version: '1.0' },
            data: [{ id: org, type: 'org', attributes: { name: 'Org', slug: 'org' } }],
            links: {},
          }),
        );
      } else if (path === `/rest/orgs/${org}/issues`) response.end(JSON.stringify(page?.body));
      else response.end(empty);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    env = { SASSY_SNYK__TOKEN: 'any-token-at-all', SASSY_SNYK__BASE_URL: `http://127.0.0.1:${port}` };
  });
  afterAll(() => {
    server.close();
    place.remove();
  });

  it('every record arrives, and the findings say what the recording says', async () => {
    const options = { cwd: place.folder, env };
    const answer = await runCli(['run', 'snyk', 'sync', '--json'], options);
    expect(answer.code, answer.stderr).toBe(0);
    expect(
      answer.json().streams.map(({ name, records }: { name: string; records: number }) => [name, records]),
    ).toEqual([
      ['orgs', 1],
      ['projects', 0],
      ['issues', 3],
    ]);
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
      orgId: org,
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
