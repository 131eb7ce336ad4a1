import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as domain from '../../integrations/_domain/security.ts';
import { entityInfo, refTarget } from '../../src/model/entity.ts';
import { startGithubEmulator, type GithubEmulator } from '../emulators/github/github-emulator.ts';
import { startJiraEmulator, type JiraEmulator } from '../emulators/jira/jira-emulator.ts';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { runCli, workspace } from '../support/cli.ts';

const DOC = readFileSync(resolve(import.meta.dirname, '../../docs/domain.md'), 'utf8');

/** The query of the documentation, letter by letter: `sassy query "…"`. */
const SQL = /```sql\n([^`]+)```/.exec(DOC)?.[1] ?? '';

/** One is known to Snyk and to GitHub, one to GitHub alone, one to nobody. */
const CVES = ['CVE-2021-44228', 'CVE-2018-6188', 'CVE-1999-0001'];

describe('one domain', () => {
  const place = workspace();
  let snyk: SnykEmulator;
  let github: GithubEmulator;
  let jira: JiraEmulator;

  beforeAll(async () => {
    github = await startGithubEmulator({ repositoriesPerOrg: 3, repositoriesOfUser: 0, alertsPerRepository: 12 });
    snyk = await startSnykEmulator({
      orgs: 2,
      issuesPerOrg: 150,
      projectsPerOrg: 12,
      repositories: github.truth.repositories.map(({ html_url }) => `${html_url}.git`),
    });
    jira = await startJiraEmulator({ issues: 30, summaries: CVES.map((cve) => `Get rid of ${cve} everywhere`) });
    const env = {
      SASSY_SNYK__TOKEN: snyk.token,
      SASSY_SNYK__BASE_URL: snyk.url,
      SASSY_GITHUB__TOKEN: github.token,
      SASSY_GITHUB__BASE_URL: github.url,
      SASSY_GITHUB__ORGS: 'acme',
      SASSY_JIRA__EMAIL: jira.email,
      SASSY_JIRA__API_TOKEN: jira.apiToken,
      SASSY_JIRA__BASE_URL: jira.url,
    };
    for (const integration of ['snyk', 'github', 'jira']) {
      const answer = await runCli(['run', integration, 'sync', '--json'], { cwd: place.folder, env });
      expect(answer.code, answer.stderr + answer.stdout).toBe(0);
    }
  }, 60_000);
  afterAll(async () => {
    await Promise.all([snyk.close(), github.close(), jira.close()]);
    place.remove();
  });

  it('one SQL query spans Snyk, GitHub and Jira: findings by repository, with the ticket and who has it', async () => {
    const answer = await runCli(['query', SQL, '--json'], { cwd: place.folder });
    expect(answer.code, answer.stderr).toBe(0);
    const rows: readonly Row[] = answer.json().rows;
    expect(sorted(rows)).toEqual(sorted(expectedRows()));
    // It would prove little if the services did not meet in one row.
    expect(rows.some(({ snyk: own, github: other, ticket }) => own > 0 && other > 0 && ticket !== null)).toBe(true);
    expect(rows.some(({ responsible }) => responsible !== null)).toBe(true);
  });

  it('tables of one service, and of all', async () => {
    const count = async (table: string): Promise<number> =>
      (await runCli(['query', `select count(*) n from ${table}`, '--json'], { cwd: place.folder })).json().rows[0].n;
    const [own, other, all] = [await count('snyk.findings'), await count('github.findings'), await count('findings')];
    expect(own).toBe(snyk.truth.issues.length);
    expect(all).toBe(own + other);
  });

  interface Row {
    readonly repository: string;
    readonly cve: string;
    readonly snyk: number;
    readonly github: number;
    readonly ticket: string | null;
    readonly responsible: string | null;
  }

  /** The same from what the servers hold, counted by hand. */
  function expectedRows(): readonly Row[] {
    const counts = new Map<string, { snyk: number; github: number }>();
    const add = (repository: string | undefined, cve: string, service: 'snyk' | 'github'): void => {
      if (repository === undefined) return;
      const key = `${repository.toLowerCase()} ${cve}`;
      const count = counts.get(key) ?? { snyk: 0, github: 0 };
      count[service] += 1;
      counts.set(key, count);
    };
    const { issues, projects, targets } = snyk.truth;
    for (const { attributes, relationships } of issues) {
      if (attributes.status !== 'open' || attributes.ignored) continue;
      const project = projects.find(({ id }) => id === relationships.scan_item.data.id);
      const target = targets.find(({ id }) => id === project?.relationships.target.data.id);
      const address = target?.attributes.url?.replace('https://', '').replace('.git', '');
      for (const { id } of attributes.problems ?? []) if (id.startsWith('CVE-')) add(address, id, 'snyk');
    }
    const alerts = [
      ...github.truth.dependabotAlerts.map(({ security_advisory: { cve_id }, ...alert }) => ({
        ...alert,
        cve: cve_id,
      })),
      ...github.truth.codeScanningAlerts.map(({ rule, ...alert }) => ({ ...alert, cve: rule.id })),
    ];
    for (const { cve, state, url } of alerts) {
      if (state !== 'open' || !cve?.startsWith('CVE-')) continue;
      add(`github.com/${url.split('/').slice(4, 6).join('/')}`, cve, 'github');
    }
    return [...counts].map(([key, count]) => {
      const [repository = '', cve = ''] = key.split(' ');
      const issue = jira.truth.issues.find(({ fields }) => String(Object(fields).summary).includes(cve));
      const assignee = Object(Object(issue).fields).assignee ?? null;
      return {
        repository,
        cve,
        ...count,
        ticket: issue === undefined ? null : String(issue['key']),
        responsible: assignee === null ? null : String(assignee.displayName),
      };
    });
  }

  function sorted(rows: readonly Row[]): readonly Row[] {
    return rows.toSorted((a, b) => `${a.repository} ${a.cve}`.localeCompare(`${b.repository} ${b.cve}`));
  }
});

it('the documentation draws every entity and every relation', () => {
  const entities = Object.values(domain).flatMap((value) => {
    const info = entityInfo(value);
    return info === undefined || !('shape' in value) ? [] : [{ info, shape: value.shape }];
  });
  expect(entities.map(({ info }) => info.name)).toEqual(['Project', 'Finding', 'Person', 'WorkItem', 'CloudResource']);
  for (const { info, shape } of entities) {
    expect(DOC).toContain(`  ${info.name} {`);
    expect(DOC).toContain(`\`${info.table}\``);
    for (const [field, schema] of Object.entries(shape)) {
      const target = refTarget(schema);
      if (target !== undefined) expect(DOC).toContain(`${target.name} |o--o{ ${info.name} : ${field}`);
    }
  }
});
