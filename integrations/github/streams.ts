import { defineStream, each, httpSource, linkHeader, recordsAt } from 'sassy';
import type { PageRequest, PageSource, ReadContext, RequestContext } from 'sassy';
import { newestFirst, SORTED_BY } from './newest-first.ts';
import {
  AlertList,
  CodeScanningAlert,
  type Config,
  DependabotAlert,
  Member,
  Repository,
  SecretScanningAlert,
} from './schema.ts';

/** The most that GitHub gives on one page, for every list. */
const PAGE = { per_page: 100 };

/** The lists of repositories of a connection. An App sees one account: the one it is installed in. */
export function repositoryLists({ installationId, orgs = [], users = [] }: Config): readonly string[] {
  if (installationId !== undefined) return ['/installation/repositories'];
  const lists = [
    ...orgs.map((org) => `/orgs/${segment(org)}/repos`),
    ...users.map((user) => `/users/${segment(user)}/repos`),
  ];
  return lists.length > 0 ? lists : ['/user/repos'];
}

/** An installation's list is wrapped; all others are the array itself. */
export function repositoriesIn(body: unknown): readonly unknown[] {
  return recordsAt(Array.isArray(body) ? '' : '/repositories')(body);
}

/** Where the alerts of a repository are listed: `/repos/acme/api`, or `/orgs/acme` with all others of its owner. */
export function alertListOf({ alertsLevel, orgs }: Config, fullName: string): string {
  const [owner = '', name = ''] = fullName.split('/');
  const asOne = alertsLevel === 'org' && isOneOf(orgs, owner);
  return asOne ? `/orgs/${segment(owner)}` : `/repos/${segment(owner)}/${segment(name)}`;
}

/**
 * Read in full each run, all lists as one: only `/user/repos` has a filter by time. What did not change costs no request of
 * the limit (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
 */
export const Repositories = defineStream<Repository, Config>({
  name: 'repositories',
  record: Repository,
  primaryKey: 'id',
  conditional: true,
  source: oneAfterTheOther(repositoryLists, repositoriesIn),
});

const memberPages = httpSource<Config>({
  request: ({ slice }) => ({ path: `/orgs/${segment(slice['org'] ?? '')}/members`, query: PAGE }),
  paginator: linkHeader(),
});

/** The people of `orgs`; of other owners (users, organisations that one only contributes to) there is no such list. */
export const Members = defineStream<Member, Config>({
  name: 'members',
  record: Member,
  primaryKey: 'id',
  conditional: true,
  slices: each(Repositories, { key: '/owner/login', as: 'org' }),
  source: {
    ...memberPages,
    async *read(context: ReadContext<Config>) {
      if (isOneOf(context.config.orgs, context.slice['org'])) yield* memberPages.read(context);
    },
  },
});

/**
 * Which lists of alerts are read: what the three streams below are sliced by. No request is made: each record follows
 * from a repository and the config. Repositories of one organisation lead to one list when `alertsLevel` is `org`.
 */
export const AlertLists = defineStream<{ path: string }, Config>({
  name: 'alert_lists',
  record: AlertList,
  primaryKey: 'path',
  slices: each(Repositories, { key: '/full_name', as: 'repository' }),
  source: {
    recordsPointer: '',
    select: recordsAt(''),
    async *read({ config, slice }: ReadContext<Config>) {
      const records = [{ path: alertListOf(config, slice['repository'] ?? '') }];
      yield {
        request: { method: 'GET', url: `config:alertsLevel=${config.alertsLevel}` },
        status: 200,
        contentType: 'application/json',
        bytes: Buffer.from(JSON.stringify(records)),
        isJson: true,
        records,
        next: undefined,
      };
    },
  },
});

/** Of all states; cursor pages alone: `page` is refused (https://docs.github.com/en/rest/dependabot/alerts). */
export const DependabotAlerts = defineStream<DependabotAlert, Config>({
  name: 'dependabot_alerts',
  record: DependabotAlert,
  ...alertsBelow('dependabot/alerts'),
});

export const CodeScanningAlerts = defineStream<CodeScanningAlert, Config>({
  name: 'code_scanning_alerts',
  record: CodeScanningAlert,
  ...alertsBelow('code-scanning/alerts'),
});

/** Never with the secrets themselves: what is not asked for cannot leak out of the raw store. */
export const SecretScanningAlerts = defineStream<SecretScanningAlert, Config>({
  name: 'secret_scanning_alerts',
  record: SecretScanningAlert,
  ...alertsBelow('secret-scanning/alerts', { hide_secret: true }),
});

/** What the streams of alerts share. Numbers count within a repository, so an alert is known by its URL. */
function alertsBelow(path: string, query: PageRequest['query'] = {}) {
  return {
    primaryKey: 'url',
    cursor: SORTED_BY,
    slices: each(AlertLists, { key: '/path', as: 'list' }),
    source: newestFirst<Config>(({ slice }: RequestContext<Config>) => ({
      path: `${slice['list']}/${path}`,
      query: { ...PAGE, sort: 'updated', direction: 'desc', ...query },
    })),
  };
}

/** Several lists as one: after the last page of a list comes the first of the next. */
function oneAfterTheOther(
  lists: (config: Config) => readonly string[],
  records: (body: unknown) => readonly unknown[],
): PageSource<Config> {
  return {
    recordsPointer: undefined,
    select: records,
    async *read(context) {
      const paths = lists(context.config);
      let { from } = context;
      for (let at = Number(from?.['list'] ?? 0); at < paths.length; at += 1) {
        const first: PageRequest = { path: paths[at] ?? '', query: PAGE };
        const list = httpSource<Config>({ request: () => first, records, paginator: linkHeader() });
        for await (const page of list.read({ ...context, from })) {
          const next = page.next ?? (at + 1 < paths.length ? { path: paths[at + 1], query: PAGE } : undefined);
          yield { ...page, next: next && { ...next, list: page.next === undefined ? at + 1 : at } };
        }
        from = undefined;
      }
    },
  };
}

/** Names of accounts know no upper and lower case. */
function isOneOf(names: readonly string[] | undefined, name: string | undefined): boolean {
  return (names ?? []).some((candidate) => candidate.toLowerCase() === name?.toLowerCase());
}

function segment(name: string): string {
  return encodeURIComponent(name);
}
