import { groupOf, listDocument, orgOf, requireGroupRights, type ApiRequest } from './api-request.ts';
import { linkStyles } from './links.ts';
import { pageOf, readPageRequest, usualLimits } from './paging.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykOrg } from './types.ts';

/** `GET /orgs` */
export function listOrgs(request: ApiRequest): object {
  const { query, world } = request;
  const paging = readPageRequest(query, usualLimits);
  const groupId = query.uuid('group_id');
  const isPersonal = query.flag('is_personal');
  const slug = query.text('slug');
  const name = query.text('name')?.toLowerCase();
  const expand = query.choices('expand', ['member_role']);
  query.finish();
  const matches = ({ attributes }: SnykOrg): boolean =>
    (groupId === undefined || attributes.group_id === groupId) &&
    (isPersonal === undefined || attributes.is_personal === isPersonal) &&
    (slug === undefined || attributes.slug === slug) &&
    (name === undefined || attributes.name.toLowerCase().includes(name));
  const orgs = world.orgs.map(({ org }) => org);
  const page = pageOf(world, orgs, matches, paging);
  const data = expand === undefined ? page.items : page.items.map(withRole);
  return listDocument(request, page, linkStyles.rest, data);
}

/** `GET /orgs/{org_id}`: an older version than the list, without relationships. */
export function getOrg(request: ApiRequest): object {
  request.query.choices('expand', ['tenant']);
  request.query.finish();
  const { org } = orgOf(request);
  const { access_requests_enabled: _laterVersion, ...attributes } = org.attributes;
  return {
    jsonapi: { version: '1.0' },
    data: { id: org.id, type: org.type, attributes },
    links: { self: `/rest${request.path}?${request.rawQuery.toString()}` },
  };
}

/** `GET /groups` */
export function listGroups(request: ApiRequest): object {
  const paging = readPageRequest(request.query, usualLimits);
  request.query.finish();
  requireGroupRights(request);
  return listDocument(
    request,
    pageOf(request.world, request.world.groups, () => true, paging),
    linkStyles.rest,
  );
}

/** `GET /groups/{group_id}/orgs`: without the role that the token has in them. */
export function listOrgsOfGroup(request: ApiRequest): object {
  const { query, world } = request;
  const paging = readPageRequest(query, usualLimits);
  const slug = query.text('slug');
  const name = query.text('name')?.toLowerCase();
  query.finish();
  const group = groupOf(request);
  const orgs = world.orgs.map(({ org }) => org);
  const matches = ({ attributes }: SnykOrg): boolean =>
    attributes.group_id === group.id &&
    (slug === undefined || attributes.slug === slug) &&
    (name === undefined || attributes.name.toLowerCase().includes(name));
  const page = pageOf(world, orgs, matches, paging);
  const data = page.items.map(({ relationships: _role, ...org }) => org);
  return listDocument(request, page, linkStyles.rest, data);
}

/** `GET /self`: the token belongs to a user. */
export function getSelf(request: ApiRequest): object {
  const { query, world } = request;
  query.finish();
  const defaultOrg = world.orgs[0]?.org.id;
  return {
    jsonapi: { version: '1.0' },
    data: {
      id: new SeededRandom(world.seed, 'self').uuid(),
      type: 'user',
      attributes: {
        avatar_url: 'https://snyk.io/avatar.png',
        ...(defaultOrg === undefined ? {} : { default_org_context: defaultOrg }),
        email: 'jana.müller@example.com',
        name: 'Jana Müller',
        username: 'jana.mueller',
      },
    },
    links: { self: `/rest${request.path}?${request.rawQuery.toString()}` },
  };
}

function withRole(org: SnykOrg): object {
  const role = org.relationships.member_role.data;
  return { ...org, relationships: { member_role: { data: { ...role, attributes: { name: 'Org Admin' } } } } };
}
