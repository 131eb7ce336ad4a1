import { byId } from './org-data.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykGroup, SnykMembership, SnykOrg } from './types.ts';

type User = SnykMembership['relationships']['user']['data'];

const people = ['Jana Müller', 'Ada Lovelace', 'Søren Kierkegaard', '田中 花子', 'Zoë Ní Bhriain', 'Bob'] as const;

/** Members of one organisation; the first of all organisations is one and the same person. */
export function createMembers(seed: number, org: SnykOrg, index: number, count: number, now: number): SnykMembership[] {
  const random = new SeededRandom(seed, org.id, 'members');
  return Array.from({ length: count }, (_, place): SnykMembership => {
    const user = place === 0 ? createUser(new SeededRandom(seed, 'owner'), 0, 0) : createUser(random, index, place);
    const role = place === 0 ? 'Org Admin' : 'Org Collaborator';
    return {
      id: random.uuid(),
      type: 'org_membership',
      attributes: { created_at: new Date(now - random.int(1, 700) * 86_400_000).toISOString() },
      relationships: {
        org: { data: { id: org.id, type: 'org', attributes: { name: org.attributes.name } } },
        role: { data: { id: random.uuid(), type: 'org_role', attributes: { name: role } } },
        user: { data: user },
      },
    };
  }).sort(byId);
}

/** Every second member of a group's organisations, once, and one who is in no organisation. */
export function createGroupMembers(
  seed: number,
  groups: readonly SnykGroup[],
  orgs: readonly { readonly org: SnykOrg; readonly members: readonly SnykMembership[] }[],
): ReadonlyMap<string, readonly SnykMembership[]> {
  return new Map(
    groups.map((group, index) => {
      const random = new SeededRandom(seed, group.id, 'members');
      const own = orgs.filter(({ org }) => org.attributes.group_id === group.id).flatMap(({ members }) => members);
      const users = new Map(
        own
          .filter((_, place) => place % 2 === 0)
          .map(({ relationships }) => [relationships.user.data.id, relationships.user.data]),
      );
      const all = [...users.values(), createUser(random, 100 + index, 0)];
      return [group.id, all.map((user) => groupMembership(random, group, user)).sort(byId)];
    }),
  );
}

function groupMembership(random: SeededRandom, group: SnykGroup, user: User): SnykMembership {
  return {
    id: random.uuid(),
    type: 'group_membership',
    attributes: { created_at: new Date(1_700_000_000_000 + random.int(0, 9) * 86_400_000).toISOString() },
    relationships: {
      group: { data: { id: group.id, type: 'group', attributes: { name: group.attributes.name } } },
      role: { data: { id: random.uuid(), type: 'group_role', attributes: { name: 'Group Member' } } },
      user: { data: user },
    },
  };
}

function createUser(random: SeededRandom, index: number, place: number): User {
  const name = people[(index + place) % people.length] ?? 'Somebody';
  const username = `user-${index}-${place}`;
  const attributes = { name, username, email: `${username}@example.com` };
  return { id: random.uuid(), type: 'user', attributes };
}
