import { allows, listDocument, orgOf, type ApiRequest } from './api-request.ts';
import { linkStyles } from './links.ts';
import { pageOf, readPageRequest, usualLimits } from './paging.ts';
import type { QueryReader } from './query-reader.ts';
import type { SnykIssue } from './types.ts';

const types = ['package_vulnerability', 'license', 'cloud', 'code', 'custom', 'config'] as const;
const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;

/** `GET /orgs/{org_id}/issues` */
export function listIssues(request: ApiRequest): object {
  const { query, world } = request;
  const paging = readPageRequest(query, usualLimits);
  const matches = readFilter(query);
  query.finish();
  const org = orgOf(request);
  return listDocument(request, pageOf(world, org.issues, matches, paging), linkStyles.issues);
}

function readFilter(query: QueryReader): (issue: SnykIssue) => boolean {
  const isUpdated = readWindow(query, 'updated_after', 'updated_before');
  const isCreated = readWindow(query, 'created_after', 'created_before');
  const type = query.choice('type', types);
  const levels = query.choices('effective_severity_level', severities);
  const statuses = query.choices('status', ['open', 'resolved']);
  const ignored = query.flag('ignored');
  const itemId = query.uuid('scan_item.id');
  const itemType = query.choice('scan_item.type', ['project', 'environment']);
  return ({ attributes, relationships }) =>
    isUpdated(attributes.updated_at) &&
    isCreated(attributes.created_at) &&
    (type === undefined || attributes.type === type) &&
    allows(levels, attributes.effective_severity_level) &&
    allows(statuses, attributes.status) &&
    (ignored === undefined || attributes.ignored === ignored) &&
    (itemId === undefined || relationships.scan_item.data.id === itemId) &&
    (itemType === undefined || relationships.scan_item.data.type === itemType);
}

/**
 * Whether a time lies in a window. Snyk does not say what happens at its ends. Here `…_after` includes its time and
 * `…_before` does not, so that windows that touch show each issue once; a client that adds its own overlap, and
 * removes what it has seen, is right under either reading.
 */
function readWindow(query: QueryReader, after: string, before: string): (time: string) => boolean {
  const from = isoOf(query.time(after));
  const until = isoOf(query.time(before));
  return (time) => (from === undefined || time >= from) && (until === undefined || time < until);
}

/** Times of issues all have this form, so that text order is time order and no time is parsed per issue. */
function isoOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
