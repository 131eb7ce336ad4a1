import type { EmulatorBase, Fault, FaultTimes, LogStatus } from '../emulators/_kit/contract.ts';
import { startGcpEmulator } from '../emulators/gcp/gcp-emulator.ts';
import { startGithubEmulator } from '../emulators/github/github-emulator.ts';
import { startJiraEmulator } from '../emulators/jira/jira-emulator.ts';
import { startMondayEmulator } from '../emulators/monday/monday-emulator.ts';
import { startSnykEmulator } from '../emulators/snyk/snyk-emulator.ts';

/** An emulator of any service with some 10,000 records, seen in the same way. */
export interface RunningService {
  readonly emulator: Pick<EmulatorBase<LogStatus>, 'requests' | 'clearRequests' | 'close'> & {
    failNext(match: FaultTimes, fault: Fault): void;
  };
  readonly env: Readonly<Record<string, string>>;
  /** Stream → the keys of all records that the server has now. */
  keys(): Readonly<Record<string, readonly string[]>>;
  /** The field of a record that is its key. */
  readonly keyField: string;
  /** Entity → how many there must be. */
  entities(): Readonly<Record<string, number>>;
  /** Changes so many records and adds a few; how many versions of which streams are new then. */
  change(count: number): { readonly streams: readonly string[]; readonly fresh: number };
}

const ids = (items: readonly { readonly id: string | number }[]): readonly string[] =>
  items.map(({ id }) => String(id));

export const services: Readonly<Record<string, (records: number) => Promise<RunningService>>> = {
  async snyk(records) {
    const emulator = await startSnykEmulator({
      orgs: 4,
      issuesPerOrg: Math.round(records * 0.22),
      projectsPerOrg: Math.round(records * 0.022),
      membersPerOrg: 25,
      rateLimit: { requests: 40, windowMs: 2_000 },
    });
    return {
      emulator,
      env: { SASSY_SNYK__TOKEN: emulator.token, SASSY_SNYK__BASE_URL: emulator.url },
      keyField: 'id',
      keys: () => ({
        orgs: ids(emulator.truth.orgs),
        projects: ids(emulator.truth.projects),
        issues: ids(emulator.truth.issues),
        targets: ids(emulator.truth.targets),
        groups: ids(emulator.truth.groups),
        org_memberships: ids(emulator.truth.orgMemberships),
        group_memberships: ids(emulator.truth.groupMemberships),
      }),
      entities: () => ({ Project: emulator.truth.projects.length, Finding: emulator.truth.issues.length }),
      change(count) {
        const fresh = emulator.changeIssues(count).length + emulator.addIssues(7).length;
        return { streams: ['issues'], fresh };
      },
    };
  },

  async github(records) {
    const emulator = await startGithubEmulator({
      repositoriesPerOrg: 8,
      repositoriesOfUser: 2,
      alertsPerRepository: Math.round(records / 25),
      membersPerOrg: 130,
      rateLimit: { requests: 60, windowMs: 3_000 },
    });
    const { truth } = emulator;
    return {
      emulator,
      env: {
        SASSY_GITHUB__TOKEN: emulator.token,
        SASSY_GITHUB__BASE_URL: emulator.url,
        SASSY_GITHUB__ORGS: 'acme',
        SASSY_GITHUB__USERS: 'octocat',
      },
      keyField: 'url',
      keys: () => ({
        repositories: emulator.truth.repositories.map(({ url }) => url),
        members: Object.values(truth.members).flatMap((members) => members.map(({ url }) => url)),
        dependabot_alerts: emulator.truth.dependabotAlerts.map(({ url }) => url),
        code_scanning_alerts: emulator.truth.codeScanningAlerts.map(({ url }) => url),
        secret_scanning_alerts: emulator.truth.secretScanningAlerts.map(({ url }) => url),
      }),
      entities() {
        const { repositories, dependabotAlerts, codeScanningAlerts, secretScanningAlerts } = emulator.truth;
        const alerts = [dependabotAlerts, codeScanningAlerts, secretScanningAlerts].flat();
        return { Project: repositories.length, Person: 130, Finding: alerts.length };
      },
      change(count) {
        const fresh = emulator.changeAlerts(count).length + emulator.addAlerts(7).length;
        return { streams: ['dependabot_alerts', 'code_scanning_alerts', 'secret_scanning_alerts'], fresh };
      },
    };
  },

  async jira(records) {
    const emulator = await startJiraEmulator({
      issues: records,
      users: Math.max(120, Math.round(records / 20)),
      projects: 104,
      rateLimit: { requests: 30, pauseMs: 1_500, tell: 'retry-after' },
    });
    const selves = (items: readonly Readonly<Record<string, unknown>>[]) => items.map(({ self }) => String(self));
    return {
      emulator,
      env: {
        SASSY_JIRA__EMAIL: emulator.email,
        SASSY_JIRA__API_TOKEN: emulator.apiToken,
        SASSY_JIRA__BASE_URL: emulator.url,
      },
      keyField: 'self',
      keys() {
        const { projects, users, issues } = emulator.truth;
        return { projects: selves(projects), users: selves(users), issues: selves(issues) };
      },
      entities() {
        const { projects, users, issues } = emulator.truth;
        return { Project: projects.length, Person: users.length, WorkItem: issues.length };
      },
      change(count) {
        const fresh = emulator.changeIssues(count).length + emulator.addIssues(7).length;
        return { streams: ['issues'], fresh };
      },
    };
  },

  async monday(records) {
    const emulator = await startMondayEmulator({
      boards: 4,
      itemsPerBoard: Math.round(records / 4),
      users: 230,
      minuteLimit: { requests: 20, windowMs: 2_000 },
    });
    return {
      emulator,
      env: {
        SASSY_MONDAY__TOKEN: emulator.token,
        SASSY_MONDAY__BASE_URL: emulator.url,
        SASSY_MONDAY__PAGE_SIZE: '100',
      },
      keyField: 'id',
      keys: () => ({
        boards: ids(emulator.truth.boards),
        items: ids(emulator.truth.items),
        users: ids(emulator.truth.users),
        teams: ids(emulator.truth.teams),
      }),
      entities() {
        const { boards, items, users } = emulator.truth;
        return { Project: boards.length, Person: users.length, WorkItem: items.length };
      },
      change(count) {
        const fresh = emulator.changeItems(count).length + emulator.addItems(7).length;
        return { streams: ['items'], fresh };
      },
    };
  },

  async gcp(records) {
    const emulator = await startGcpEmulator({
      projects: 4,
      bucketsPerProject: 40,
      assetsPerProject: Math.round(records / 7.5),
      mostPerPage: 150,
      rateLimit: { requests: 60, windowMs: 2_000 },
    });
    const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
    return {
      emulator,
      env: { SASSY_GCP__SERVICE_ACCOUNT: emulator.serviceAccount, SASSY_GCP__BASE_URL: emulator.url },
      keyField: 'name',
      keys: () => ({
        buckets: names(emulator.truth.buckets),
        assets: names(emulator.truth.assets),
        // Without a time there is nothing to sort by: the search does not show those.
        resources: names(emulator.truth.resources.filter(({ updateTime }) => updateTime !== undefined)),
      }),
      entities: () => ({}),
      change(count) {
        const changed = emulator.changeAssets(count).length;
        const added = emulator.addAssets(7, 1).filter(({ assetType }) => !assetType.startsWith('iam.'));
        return { streams: ['resources'], fresh: changed + added.length };
      },
    };
  },
};
