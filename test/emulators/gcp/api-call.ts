import type { SeededRandom } from '../_kit/seeded-random.ts';
import { ApiError } from './api-error.ts';
import { pageOf, type PageOptions } from './paging.ts';
import type { World } from './world.ts';

/** A request that is logged in. */
export interface ApiCall {
  readonly world: World;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Makes pages short; undefined where they are full. */
  readonly shortBy: SeededRandom | undefined;
  /** The most items that a page may hold. */
  readonly most: number;
}

/** A list without items has no field for them: proto3 JSON leaves out what is empty. */
export function list(
  call: ApiCall,
  field: string,
  items: readonly unknown[],
  maxSize: number,
  page: Partial<PageOptions> = {},
): object {
  const { query, shortBy, most } = call;
  const options = {
    query,
    shortBy,
    most,
    sizeName: 'pageSize',
    defaultSize: Math.min(maxSize, 100),
    maxSize,
    same: [call.path],
    ...page,
  };
  const { items: some, nextPageToken } = pageOf(items, options);
  return { ...(some.length === 0 ? {} : { [field]: some }), ...(nextPageToken === undefined ? {} : { nextPageToken }) };
}

/** As the services answer for a project that has not switched them on, or whose billing account is closed. */
export function refuseOff(world: World, projectId: string): void {
  const off = world.off.get(projectId);
  if (off === 'billing') {
    const message = 'The billing account for the owning project is disabled in state closed';
    throw new ApiError(403, message, { reason: 'accountDisabled', domain: 'global' });
  }
  if (off === 'service') {
    const message = `The API has not been used in project ${projectId} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/ then retry.`;
    throw new ApiError(403, message, { reason: 'SERVICE_DISABLED', domain: 'googleapis.com' });
  }
}
