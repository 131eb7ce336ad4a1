import { AbstractStream, httpSource, HttpStream, isSassyError, recordsAt, Stream } from 'sassy';
import type { HttpClient, Page, PageRequest, PageSource, ReadContext, RequestContext } from 'sassy';
import { api } from './http.ts';
import { asAnswered, untilEmpty } from './paging.ts';
import { type Config, Issue, JiraProject, JiraUser, Profile } from './schema.ts';
import { jqlMinute } from './time.ts';

const PAGE = 100;

/** JQL without a restriction is refused on Cloud; before this nothing was ever updated. */
const BEGINNING = '1970-01-02 00:00';

/** A bare array, or the values of a page. */
const valuesOf = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : recordsAt('/values')(body));

/** Read in full each run. Only projects that are live: one that is archived or deleted leaves the list. */
@Stream({ record: JiraProject, primaryKey: 'id' })
export class Projects extends HttpStream<Config, JiraProject> {
  override request({ config }: RequestContext<Config>): PageRequest {
    const query = { expand: 'description,lead' };
    // Data Center has no /project/search: all come at once.
    if (config.deployment === 'datacenter') return { path: api(config, '/project'), query };
    return { path: api(config, '/project/search'), query: { ...query, startAt: 0, maxResults: PAGE } };
  }
  override readonly records = valuesOf;
  override readonly paginator = asAnswered;
}

/** Everybody who may be assigned or mentioned, also who has left. Read in full each run. */
@Stream({ record: JiraUser, primaryKey: 'self' })
export class Users extends AbstractStream<JiraUser, Config> implements PageSource<Config> {
  readonly recordsPointer = undefined;
  readonly select = valuesOf;

  async *read(context: ReadContext<Config>): AsyncGenerator<Page> {
    const { config, from } = context;
    const byNumber = { startAt: 0, maxResults: PAGE };
    if (config.deployment === 'cloud') return yield* usersAt('/users/search', byNumber).read(context);
    try {
      yield* usersAt('/user/list', { maxResults: PAGE }).read(context);
    } catch (error) {
      // Before Jira 11 and the late 10.3 there is no list. A dot is in every e-mail address: so all users are found.
      if (from !== undefined || !isSassyError(error, 'API_REFUSED')) throw error;
      yield* usersAt('/user/search', { username: '.', includeInactive: true, ...byNumber }).read(context);
    }
  }
}

function usersAt(path: string, query: PageRequest['query']): PageSource<Config> {
  return httpSource<Config>({
    request: ({ config }) => ({ path: api(config, path), ...(query === undefined ? {} : { query }) }),
    records: valuesOf,
    // One for all three forms: a later run goes on with a page of any of them.
    paginator: { next: (answer) => (Array.isArray(answer.json) ? untilEmpty : asAnswered).next(answer) },
  });
}

/** Issues of all projects; only what changed since the last run. JQL knows minutes alone. */
@Stream({ record: Issue, primaryKey: 'id', cursor: '/fields/updated', precision: '1m' })
export class Issues extends AbstractStream<Issue, Config> implements PageSource<Config> {
  readonly recordsPointer = '/issues';
  readonly select = recordsAt('/issues');

  async *read(context: ReadContext<Config>): AsyncGenerator<Page> {
    const { config, since, from, http } = context;
    // A page to go on with has its JQL already.
    const after =
      since === undefined || from !== undefined ? BEGINNING : jqlMinute(since, await timeZoneOf(http, config));
    yield* httpSource<Config>({
      request: () => issuesFrom(after, config),
      records: this.recordsPointer,
      paginator: asAnswered,
    }).read(context);
  }
}

function issuesFrom(after: string, config: Config): PageRequest {
  const query = { fields: config.fields, maxResults: PAGE };
  const bound = `updated >= "${after}"`;
  if (config.deployment === 'cloud') {
    return { path: api(config, '/search/jql'), query: { jql: `${bound} ORDER BY updated ASC`, ...query } };
  }
  // Pages by number shift when an issue is updated meanwhile. Newest first it then comes twice; the other way round the
  // one behind it would never come.
  return { path: api(config, '/search'), query: { jql: `${bound} ORDER BY updated DESC`, startAt: 0, ...query } };
}

/** The zone of the login's profile; undefined where it is hidden, or the server has no such path. */
async function timeZoneOf(http: HttpClient, config: Config): Promise<string | undefined> {
  try {
    return Profile.safeParse(await http.getJson(api(config, '/myself'))).data?.timeZone ?? undefined;
  } catch (error) {
    if (isSassyError(error, 'API_REFUSED')) return undefined;
    throw error;
  }
}
