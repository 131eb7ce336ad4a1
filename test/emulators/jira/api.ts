import { ApiError } from './api-error.ts';
import type { Json } from './contract.ts';
import { parseJql } from './jql.ts';
import { issueRecord, projectRecord, userRecord, type View } from './records.ts';
import type { IssueData, World } from './world.ts';

interface ApiCall {
  /** Below `/rest/api/<version>`. */
  readonly path: string;
  /** Of the URL; of a POST, of its body. */
  readonly query: ReadonlyMap<string, string>;
  readonly view: View;
  readonly world: World;
  readonly pageCap: number;
  /** Null when the profile hides it. */
  readonly timeZone: string | null;
  /** Permission keys that who asks does not have. */
  readonly without: ReadonlySet<string>;
}

type Handler = (call: ApiCall) => unknown;

/** What Cloud answers; `/search` is gone. */
export const cloudRoutes: Readonly<Record<string, Handler>> = {
  '/serverInfo': () => ({ deploymentType: 'Cloud', version: '1001.0.0-SNAPSHOT' }),
  '/myself': myself,
  '/mypermissions': permissions,
  '/project': ({ world, view, without }) => visibleProjects(world, without).map((item) => projectRecord(item, view)),
  '/project/search': projectSearch,
  '/users/search': (call) => {
    if (call.without.has('USER_PICKER')) throw new ApiError(403, 'You are not authorized to browse users.');
    return usersFrom(call, 1000);
  },
  '/search/jql': searchByToken,
  '/search': () => {
    throw new ApiError(410, 'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.');
  },
};

/** What Data Center answers. */
export const dataCenterRoutes: Readonly<Record<string, Handler>> = {
  '/serverInfo': () => ({ deploymentType: 'Server', version: '8.20.3' }),
  '/myself': myself,
  '/mypermissions': permissions,
  '/project': ({ world, view, without }) => visibleProjects(world, without).map((item) => projectRecord(item, view)),
  '/user/search': (call) => {
    if (!call.query.has('username')) throw new ApiError(400, 'The username query parameter was not provided');
    // From version 10 on the search ends after 100, whatever is asked for: https://jira.atlassian.com/browse/JRASERVER-78660
    return usersFrom(call, 1000).slice(0, Math.max(0, 100 - numberOf(call.query, 'startAt', 0)));
  },
  '/user/list': userList,
  '/search': searchByOffset,
};

function myself({ view, timeZone }: ApiCall): Json {
  const me = view.isCloud ? { accountId: 'me', accountType: 'atlassian' } : { key: 'JIRAUSER1', name: 'me' };
  return {
    self: `${view.api}/user?me`,
    ...me,
    displayName: 'Me',
    active: true,
    ...(timeZone === null ? {} : { timeZone }),
  };
}

function permissions({ query, view, without }: ApiCall): Json {
  const asked = query.get('permissions')?.split(',') ?? [];
  if (asked.length === 0 && view.isCloud) throw new ApiError(400, "The 'permissions' query parameter is required.");
  const shown = view.isCloud ? asked : ['BROWSE_PROJECTS', 'USER_PICKER', 'ADMINISTER'];
  const entries = shown.map((key) => [
    key,
    { id: '1', key, name: key, type: 'GLOBAL', havePermission: !without.has(key) },
  ]);
  return { permissions: Object.fromEntries(entries) };
}

function visibleProjects(world: World, without: ReadonlySet<string>): World['projects'] {
  return without.has('BROWSE_PROJECTS') ? [] : world.projects;
}

function projectSearch({ world, view, query, without }: ApiCall): Json {
  const startAt = numberOf(query, 'startAt', 0);
  const maxResults = Math.min(numberOf(query, 'maxResults', 50), 100);
  const all = visibleProjects(world, without);
  const end = startAt + maxResults;
  const link = (from: number): string => `${view.api}/project/search?startAt=${from}&maxResults=${maxResults}`;
  const isLast = end >= all.length;
  return {
    self: link(startAt),
    ...(isLast ? {} : { nextPage: link(end) }),
    maxResults,
    startAt,
    total: all.length,
    isLast,
    values: all.slice(startAt, end).map((item) => projectRecord(item, view)),
  };
}

function usersFrom({ world, view, query, without }: ApiCall, cap: number): readonly Json[] {
  if (without.has('USER_PICKER')) return [];
  const startAt = numberOf(query, 'startAt', 0);
  const end = startAt + Math.min(numberOf(query, 'maxResults', 50), cap);
  return world.users.slice(startAt, end).map((item) => userRecord(item, view));
}

/** New in Data Center 11. The order is not defined, and a total is not told. */
function userList({ world, view, query, without }: ApiCall): Json {
  const users = without.has('USER_PICKER') ? [] : world.users;
  const cursor = numberOf(query, 'cursor', 0);
  const maxResults = numberOf(query, 'maxResults', 2000);
  const end = cursor + maxResults;
  const isLast = end >= users.length;
  const values = users.slice(cursor, end).map((item) => userRecord(item, view));
  return { maxResults, isLast, values, ...(isLast ? {} : { nextCursor: String(end) }) };
}

function searchByToken(call: ApiCall): Json {
  const { query, view, pageCap } = call;
  const jql = query.get('jql') ?? '';
  const found = foundIssues(call, true);
  const maxResults = Math.min(numberOf(query, 'maxResults', 50), pageCap);
  const token = query.get('nextPageToken');
  // A token stands behind a record, not at a number: what changes meanwhile moves to the end.
  const start = token === undefined ? 0 : placeAfter(found, token, jql);
  const page = found.slice(start, start + maxResults);
  const last = page.at(-1);
  const isLast = start + maxResults >= found.length || last === undefined;
  const next = isLast
    ? {}
    : { nextPageToken: Buffer.from(JSON.stringify([last.updated, last.id, jql])).toString('base64url') };
  const fields = (query.get('fields') ?? 'id').split(',');
  return { issues: page.map((issue) => withFields(issueRecord(issue, view), fields)), ...next, isLast };
}

function placeAfter(found: readonly IssueData[], token: string, jql: string): number {
  const invalid = new ApiError(400, {
    errorMessages: ['The provided next page token is invalid or expired.'],
    errors: {},
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw invalid;
  }
  if (!Array.isArray(parsed) || parsed[2] !== jql) throw invalid;
  const [updated, id] = [Number(parsed[0]), String(parsed[1])];
  const place = found.findIndex((issue) => issue.updated > updated || (issue.updated === updated && issue.id > id));
  return place < 0 ? found.length : place;
}

function searchByOffset(call: ApiCall): Json {
  const { query, view, pageCap } = call;
  const found = foundIssues(call, false);
  const startAt = numberOf(query, 'startAt', 0);
  const maxResults = Math.min(numberOf(query, 'maxResults', 50), pageCap);
  const fields = (query.get('fields') ?? '*navigable').split(',');
  const issues = found
    .slice(startAt, startAt + maxResults)
    .map((issue) => withFields(issueRecord(issue, view), fields));
  return { expand: 'schema,names', startAt, maxResults, total: found.length, issues };
}

function foundIssues({ world, view, query, without }: ApiCall, mustBeBounded: boolean): readonly IssueData[] {
  const { matches, isNewestFirst } = parseJql(query.get('jql') ?? '', view.clock, mustBeBounded);
  if (without.has('BROWSE_PROJECTS')) return [];
  const found = world.issues.filter(matches).toSorted((a, b) => a.updated - b.updated || (a.id < b.id ? -1 : 1));
  return isNewestFirst ? found.toReversed() : found;
}

/** `*all`, `*navigable` (all but comments), names, and `-name` for all but that. `id` alone gives no fields at all. */
function withFields(record: Json, asked: readonly string[]): Json {
  const { fields, ...rest } = record;
  if (typeof fields !== 'object' || fields === null) return record;
  const isOpen = asked.some((name) => name.startsWith('*') || name.startsWith('-'));
  const isHidden = (name: string): boolean =>
    asked.includes(`-${name}`) || (name === 'comment' && !asked.includes('*all') && !asked.includes('comment'));
  const kept = Object.entries(fields).filter(([name]) => (isOpen || asked.includes(name)) && !isHidden(name));
  return kept.length === 0 ? rest : { ...rest, fields: Object.fromEntries(kept) };
}

function numberOf(query: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const value = Number(query.get(name) ?? fallback);
  if (!Number.isInteger(value) || value < 0) throw new ApiError(400, `The ${name} query parameter is not a number.`);
  return value;
}
