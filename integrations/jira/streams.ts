import { AbstractStream, httpSource, HttpStream, isSassyError, offset, recordsAt, Stream } from 'sassy';
import type { HttpClient, Page, PageRequest, PageSource, ReadContext, RequestContext } from 'sassy';
import { api } from './http.ts';
import { asAnswered } from './paging.ts';
import { type Config, Issue, JiraProject, JiraUser, Profile } from './schema.ts';
import { jqlMinute } from './time.ts';

const PAGE = 100;

/** JQL without a restriction is refused on Cloud; before this nothing was ever updated. */
const BEGINNING = '1970-01-02 00:00';

/** Read in full each run. Only projects that are live: one that is archived or deleted leaves the list. */
@Stream({ record: JiraProject, primaryKey: 'id' })
export class Projects extends HttpStream<Config, JiraProject> {
  override request({ config }: RequestContext<Config>): PageRequest {
    const query = { expand: 'description,lead' };
    // Data Center has no /project/search: all come at once.
    if (config.deployment === 'datacenter') return { path: api(config, '/project'), query };
    return { path: api(config, '/project/search'), query: { ...query, startAt: 0, maxResults: PAGE } };
  }
  override readonly records = (body: unknown): readonly unknown[] =>
    Array.isArray(body) ? body : recordsAt('/values')(body);
  override readonly paginator = asAnswered;
}

/** Everybody who may be assigned or mentioned, also who has left. Read in full each run. */
@Stream({ record: JiraUser, primaryKey: 'self' })
export class Users extends HttpStream<Config, JiraUser> {
  override request({ config }: RequestContext<Config>): PageRequest {
    const query = { startAt: 0, maxResults: PAGE };
    if (config.deployment === 'cloud') return { path: api(config, '/users/search'), query };
    // A dot is in every e-mail address: the way to all users of a server.
    return { path: api(config, '/user/search'), query: { username: '.', includeInactive: true, ...query } };
  }
  // A page may be short before the last, and nothing tells of more: only an empty one ends the list.
  override readonly paginator = offset({ query: 'startAt', overlap: false });
}

/** Issues of all projects; only what changed since the last run. JQL knows minutes, so the look-back is longer than one. */
@Stream({ record: Issue, primaryKey: 'id', cursor: '/fields/updated', lookBack: '10m' })
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
    return Profile.parse(await http.getJson(api(config, '/myself'))).timeZone ?? undefined;
  } catch (error) {
    if (isSassyError(error, 'API_REFUSED')) return undefined;
    throw error;
  }
}
