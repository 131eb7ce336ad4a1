import { groupOf, listDocument, orgOf, requireGroupRights, type ApiRequest } from './api-request.ts';
import { linkStyles } from './links.ts';
import { pageOf, readPageRequest, usualLimits } from './paging.ts';
import type { SnykMembership } from './types.ts';

/** `GET /orgs/{org_id}/memberships` */
export function listOrgMemberships(request: ApiRequest): object {
  return list(request, () => {
    const org = orgOf(request);
    requireGroupRights(request);
    return org.members;
  });
}

/** `GET /groups/{group_id}/memberships` */
export function listGroupMemberships(request: ApiRequest): object {
  return list(request, () => request.world.groupMembers.get(groupOf(request).id) ?? []);
}

function list(request: ApiRequest, membersOf: () => readonly SnykMembership[]): object {
  const { query, world } = request;
  const paging = readPageRequest(query, usualLimits);
  const filters = ['email', 'username', 'user_id', 'role_name'].map((name) => query.text(name));
  const [email, username, userId, roleName] = filters;
  query.finish();
  const matches = ({ relationships: { user, role } }: SnykMembership): boolean =>
    (email === undefined || user.data.attributes.email === email) &&
    (username === undefined || user.data.attributes.username === username) &&
    (userId === undefined || user.data.id === userId) &&
    (roleName === undefined || role.data.attributes.name === roleName);
  return listDocument(request, pageOf(world, membersOf(), matches, paging), linkStyles.rest);
}
