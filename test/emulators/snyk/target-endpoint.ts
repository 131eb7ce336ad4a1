import { allows, listDocument, orgOf, type ApiRequest } from './api-request.ts';
import { linkStyles } from './links.ts';
import { pageOf, readPageRequest, targetLimits } from './paging.ts';
import type { SnykTarget } from './types.ts';

/** `GET /orgs/{org_id}/targets`; without `exclude_empty=false` it leaves out targets that no project uses. */
export function listTargets(request: ApiRequest): object {
  const { query, world } = request;
  const paging = readPageRequest(query, targetLimits);
  const withCount = query.flag('count') === true;
  const isPrivate = query.flag('is_private');
  const excludeEmpty = query.flag('exclude_empty') ?? true;
  const url = query.text('url');
  const sources = query.list('source_types');
  const prefix = query.text('display_name');
  const createdFrom = query.time('created_gte');
  query.finish();
  const org = orgOf(request);
  const used = new Set(org.projects.map((project) => project.relationships.target.data.id));
  const matches = ({ id, attributes, relationships }: SnykTarget): boolean =>
    (!excludeEmpty || used.has(id)) &&
    (isPrivate === undefined || attributes.is_private === isPrivate) &&
    (url === undefined || attributes.url === url) &&
    allows(sources, relationships.integration.data.attributes.integration_type) &&
    (prefix === undefined || attributes.display_name.startsWith(prefix)) &&
    (createdFrom === undefined || Date.parse(attributes.created_at) >= createdFrom);
  const document = listDocument(request, pageOf(world, org.targets, matches, paging), linkStyles.bare);
  return withCount ? { ...document, meta: { count: org.targets.filter(matches).length } } : document;
}
