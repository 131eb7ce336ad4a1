import { ApiError } from './api-error.ts';
import { pageLinks, type LinkStyle } from './links.ts';
import type { Page } from './paging.ts';
import { isUuid, type QueryReader } from './query-reader.ts';
import type { SnykGroup } from './types.ts';
import type { OrgWorld, World } from './world.ts';

/** A request that is authenticated and whose version is known. */
export interface ApiRequest {
  readonly world: World;
  /** Without `/rest`. */
  readonly path: string;
  /** What the path's pattern matched, decoded. */
  readonly pathId: string;
  readonly rawQuery: URLSearchParams;
  readonly query: QueryReader;
}

/** Answers the body of a 200, or throws an `ApiError`. */
export type Handler = (request: ApiRequest) => object;

/** The organisation that the path names; called after the query was read, as a wrong query is answered first. */
export function orgOf(request: ApiRequest): OrgWorld {
  if (!isUuid(request.pathId)) throw new ApiError(400, 'The organization id must be a UUID.', 'org_id');
  const id = request.pathId.toLowerCase();
  const found = request.world.orgs.find((candidate) => candidate.org.id === id);
  if (found === undefined) throw new ApiError(404, 'The organization was not found.');
  return found;
}

/** The group that the path names, for a token that may look into groups. */
export function groupOf(request: ApiRequest): SnykGroup {
  if (!isUuid(request.pathId)) throw new ApiError(400, 'The group id must be a UUID.', 'group_id');
  requireGroupRights(request);
  const found = request.world.groups.find(({ id }) => id === request.pathId.toLowerCase());
  if (found === undefined) throw new ApiError(404, 'The group was not found.');
  return found;
}

/** What an ordinary user's token is refused. */
export function requireGroupRights({ world }: ApiRequest): void {
  if (!world.groupRights) throw new ApiError(403, 'The user does not have the permission that the request needs.');
}

export function listDocument(
  request: ApiRequest,
  page: Page<{ readonly id: string }>,
  style: LinkStyle,
  data: readonly object[] = page.items,
): { jsonapi: object; data: readonly object[]; links: object } {
  return {
    jsonapi: { version: '1.0' },
    data,
    links: pageLinks(request.path, request.rawQuery, page, style),
  };
}

/** True when nothing was asked for, or what was asked for holds the value. */
export function allows<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.includes(value);
}
