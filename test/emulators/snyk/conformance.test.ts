import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from './snyk-emulator.ts';
import { hasSpec, specPath, specValidator, successPointer } from './spec-validator.ts';
import { firstOrg, listSchema, send, testVersion } from './test-client.ts';

const issuesPointer = '/components/responses/ListIssues200/content/application~1vnd.api+json/schema';

describe('the published specification', () => {
  let emulator: SnykEmulator;
  let org: string;

  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 12, projectsPerOrg: 45, issuesPerOrg: [600] });
    org = firstOrg(emulator);
  });
  afterAll(() => emulator.close());

  it.skipIf(!hasSpec())(`serves what the specification says (needs ${specPath})`, async () => {
    const compile = specValidator();
    const check = async (specified: string, path: string, query: Record<string, string> = {}): Promise<void> => {
      const pointer = specified.endsWith('/issues') ? issuesPointer : successPointer(specified);
      const validate = compile(pointer);
      let next: string | undefined = `${path}?${new URLSearchParams({ version: testVersion, ...query }).toString()}`;
      while (next !== undefined) {
        const url = `${emulator.url}/rest${next.replace(/^\/rest/, '')}`;
        const response = await fetch(url, { headers: { authorization: 'token emulator-token' } });
        const body: unknown = await response.json();
        validate(body);
        expect(validate.errors ?? [], path).toEqual([]);
        const link = listSchema.safeParse(body).data?.links['next'];
        next = typeof link === 'object' ? link.href : link;
      }
    };
    await check('/self', '/self');
    await check('/groups', '/groups');
    await check('/orgs', '/orgs', { expand: 'member_role' });
    await check('/orgs/{org_id}', `/orgs/${org}`);
    await check('/orgs/{org_id}/projects', `/orgs/${org}/projects`, {
      'meta.latest_issue_counts': 'true',
      'meta.latest_dependency_total': 'true',
      limit: '100',
    });
    await check('/orgs/{org_id}/projects', `/orgs/${org}/projects`, { expand: 'target', limit: '100' });
    await check('/orgs/{org_id}/targets', `/orgs/${org}/targets`, { count: 'true', exclude_empty: 'false' });
    await check('/orgs/{org_id}/issues', `/orgs/${org}/issues`);
    await check('/orgs/{org_id}/memberships', `/orgs/${org}/memberships`);
    for (const { id } of emulator.truth.groups) {
      await check('/groups/{group_id}/orgs', `/groups/${id}/orgs`);
      await check('/groups/{group_id}/memberships', `/groups/${id}/memberships`);
    }
    const validateIssues = compile(issuesPointer);
    const text = await (await send(emulator, `/orgs/${org}/issues`, { limit: '100' })).text();
    // Were the validator blind, all of the above would prove nothing.
    for (const [right, wrong] of [
      ['"status":"open"', '"status":"odd"'],
      ['"name":"deployed"', '"name":"unknown"'],
      ['"created_at":"', '"created_at":"on '],
      ['"type":"issue"', '"type":"issue","extra":1'],
    ] as const) {
      expect(text).toContain(right);
      expect(validateIssues(JSON.parse(text.replace(right, wrong))), wrong).toBe(false);
    }
    const validateError = compile('/components/schemas/ErrorDocument');
    const body: unknown = await (await send(emulator, '/orgs', { limit: '3' })).json();
    validateError(body);
    expect(validateError.errors ?? []).toEqual([]);
  });
});
