import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykGroup, SnykOrg, SnykTarget } from './types.ts';

const groupNames = ['Nordlicht AG', 'Wayfarer Holdings'] as const;

const orgNames = [
  'Payments Platform',
  'Kundenportal Süd',
  'Data & Analytics',
  'Mobile Apps',
  'Infrastructure',
  'Équipe Sécurité',
  'Open Source Office',
  'Core Banking',
  'Machine Learning',
  '東京ラボ',
] as const;

const repositories = [
  'checkout-api',
  'customer-portal',
  'billing-worker',
  'identity-gateway',
  'ledger',
  'mobile-bff',
  'notification-hub',
  'search-indexer',
  'terraform-live',
  'base-images',
  'fraud-model',
  'schaden-meldung',
] as const;

/** Where projects of a target came from; the origin decides the form of its name and URL. */
const targetOrigins = ['github', 'gitlab', 'cli', 'ecr'] as const;
export type TargetOrigin = (typeof targetOrigins)[number];

export function createGroups(random: SeededRandom): SnykGroup[] {
  const groups = groupNames.map((name): SnykGroup => ({ id: random.uuid(), type: 'group', attributes: { name } }));
  return groups.sort(byId);
}

/** Every seventh organisation is personal and so has no group. */
export function createOrgs(random: SeededRandom, count: number, groups: readonly SnykGroup[], now: number): SnykOrg[] {
  const orgs: SnykOrg[] = [];
  for (let index = 0; index < count; index += 1) {
    const isPersonal = index % 7 === 6;
    const round = Math.floor(index / orgNames.length);
    const name = `${orgNames[index % orgNames.length] ?? 'Org'}${round === 0 ? '' : ` ${round + 1}`}`;
    const createdAt = now - random.int(800, 2_000) * 86_400_000;
    orgs.push({
      id: random.uuid(),
      type: 'org',
      attributes: {
        access_requests_enabled: random.chance(0.3),
        created_at: seconds(createdAt),
        ...(isPersonal ? {} : { group_id: random.pick(groups).id }),
        is_personal: isPersonal,
        name,
        slug: slugOf(name, index),
        updated_at: seconds(createdAt + random.int(0, 700) * 86_400_000),
      },
      relationships: { member_role: { data: { id: random.uuid(), type: 'org_role' } } },
    });
  }
  return orgs.sort(byId);
}

/** About one target for three projects, and one more that no project uses. */
export function createTargets(
  random: SeededRandom,
  org: SnykOrg,
  projects: number,
  now: number,
  urls: readonly string[] = [],
): SnykTarget[] {
  const integrations = new Map(targetOrigins.map((origin) => [origin, random.uuid()]));
  const targets: SnykTarget[] = [];
  for (let index = 0; index < Math.ceil(projects / 3) + 1; index += 1) {
    const origin = targetOrigins[index % targetOrigins.length] ?? 'github';
    const owner = org.attributes.slug;
    const repository = `${random.pick(repositories)}${index < repositories.length ? '' : `-${index}`}`;
    targets.push({
      id: random.uuid(),
      type: 'target',
      attributes: {
        created_at: new Date(now - random.int(200, 720) * 86_400_000 + random.int(0, 86_399_999)).toISOString(),
        display_name: origin === 'ecr' ? `${owner}/${repository}` : `${owner}-org/${repository}`,
        is_private: random.chance(0.8),
        url: urls.length > 0 ? (urls[index % urls.length] ?? null) : urlOf(origin, owner, repository),
      },
      relationships: {
        integration: {
          data: {
            id: integrations.get(origin) ?? random.uuid(),
            type: 'integration',
            attributes: { integration_type: origin },
          },
        },
        organization: { data: { id: org.id, type: 'organization' } },
      },
    });
  }
  return targets.sort(byId);
}

export function byId(left: { readonly id: string }, right: { readonly id: string }): number {
  return left.id < right.id ? -1 : Number(left.id > right.id);
}

/** Snyk answers null for targets that are no repository, and a plain http URL for what the CLI uploaded. */
function urlOf(origin: TargetOrigin, owner: string, repository: string): string | null {
  if (origin === 'ecr') return null;
  if (origin === 'cli') return `http://github.com/${owner}-org/${repository}.git`;
  return `https://${origin}.com/${owner}-org/${repository}`;
}

function slugOf(name: string, index: number): string {
  const ascii = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return ascii === '' ? `org-${index}` : `${ascii}-${index}`;
}

/** Organisations carry no milliseconds in Snyk's answers, unlike everything else. */
function seconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
