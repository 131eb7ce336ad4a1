import { SeededRandom } from '../_kit/seeded-random.ts';
import {
  createCodeScanningAlert,
  createDependabotAlert,
  createSecretScanningAlert,
  secondsTime,
} from './alert-data.ts';
import { ORG_NAMES, REPOSITORY_WORDS } from './catalogue.ts';
import type { GithubEmulatorOptions } from './contract.ts';
import type {
  GithubAccount,
  GithubAlert,
  GithubCodeScanningAlert,
  GithubDependabotAlert,
  GithubRepository,
  GithubSecretScanningAlert,
} from './types.ts';

export type AlertKind = 'dependabot' | 'code-scanning' | 'secret-scanning';
export const ALERT_KINDS: readonly AlertKind[] = ['dependabot', 'code-scanning', 'secret-scanning'];

/** The refusal of a list of alerts, with GitHub's own words. */
interface Refusal {
  readonly status: number;
  readonly message: string;
}

export interface RepositoryWorld {
  repository: GithubRepository;
  dependabot: readonly GithubDependabotAlert[];
  'code-scanning': readonly GithubCodeScanningAlert[];
  'secret-scanning': readonly GithubSecretScanningAlert[];
  readonly off: Readonly<Partial<Record<AlertKind, Refusal>>>;
}

export interface World {
  readonly seed: number;
  readonly user: GithubAccount;
  readonly orgs: readonly GithubAccount[];
  readonly members: ReadonlyMap<string, readonly GithubAccount[]>;
  /** Newest repository first within its owner, as GitHub lists them. */
  repositories: readonly RepositoryWorld[];
  /** Old full name in lower case → id. */
  readonly renamed: Map<string, number>;
  /** The present, in ms: later than every time in the data. Only changes move it. */
  clock: number;
}

const TWO_YEARS_MS = 730 * 86_400_000;
/** Every eighth repository or so lacks something; the first three of each owner have it all. */
const OFF: readonly (readonly [AlertKind, Refusal] | undefined)[] = [
  undefined,
  undefined,
  undefined,
  ['dependabot', { status: 403, message: 'Dependabot alerts are disabled for this repository.' }],
  ['code-scanning', { status: 404, message: 'no analysis found' }],
  ['secret-scanning', { status: 404, message: 'Secret scanning is disabled on this repository.' }],
  [
    'code-scanning',
    { status: 403, message: 'Advanced Security must be enabled for this repository to use code scanning.' },
  ],
  ['dependabot', { status: 403, message: 'Dependabot alerts are not available for archived repositories.' }],
];

/** Builds the data. Each owner has random streams of its own. */
export function createWorld(options: GithubEmulatorOptions): World {
  const seed = options.seed ?? 1;
  const now = Date.parse(options.now ?? '2026-11-01T00:00:00Z');
  const user = account('octocat', 583231, 'User');
  const orgs = ORG_NAMES.slice(0, options.orgs ?? 1).map((login, index) =>
    account(login, 9_919 + index, 'Organization'),
  );
  const members = new Map(
    orgs.map((org, index) => [
      org.login,
      Array.from({ length: options.membersPerOrg ?? 12 }, (_, at) =>
        at % 7 === 6
          ? account(`${org.login}-bot-${at}[bot]`, 200_000 + index * 1_000 + at, 'Bot')
          : account(`${org.login}-dev-${at}`, 100_000 + index * 1_000 + at, 'User'),
      ),
    ]),
  );
  const owners = [
    ...orgs.map((owner) => ({ owner, count: options.repositoriesPerOrg ?? 4 })),
    { owner: user, count: options.repositoriesOfUser ?? 2 },
  ];
  const repositories = owners.flatMap(({ owner, count }) =>
    Array.from({ length: count }, (_, index) =>
      createRepositoryWorld(seed, owner, index, options.alertsPerRepository ?? 20, now),
    ),
  );
  return { seed, user, orgs, members, repositories, renamed: new Map(), clock: now };
}

export function alertsOf(world: RepositoryWorld, kind: AlertKind): readonly GithubAlert[] {
  return world.off[kind] === undefined ? world[kind] : [];
}

function createRepositoryWorld(
  seed: number,
  owner: GithubAccount,
  index: number,
  alerts: number,
  now: number,
): RepositoryWorld {
  const random = new SeededRandom(seed, owner.login, index);
  const off = OFF[index % OFF.length];
  const word = REPOSITORY_WORDS[index % REPOSITORY_WORDS.length] ?? 'repo';
  const name = index < REPOSITORY_WORDS.length ? word : `${word}.${index}`;
  const created = now - TWO_YEARS_MS - index * 86_400_000;
  const repository: GithubRepository = {
    id: owner.id * 1_000 + index,
    node_id: `R_${random.hex(10)}`,
    name,
    full_name: `${owner.login}/${name}`,
    private: random.chance(0.5),
    owner,
    html_url: `https://github.com/${owner.login}/${name}`,
    description: random.pick(['Everything', null, 'Größe ☂']),
    fork: false,
    url: `https://api.github.com/repos/${owner.login}/${name}`,
    created_at: random.chance(0.9) ? secondsTime(created) : null,
    updated_at: secondsTime(now - random.int(0, TWO_YEARS_MS)),
    pushed_at: secondsTime(now - random.int(0, TWO_YEARS_MS)),
    language: random.pick(['TypeScript', null]),
    archived: index % OFF.length === 7,
    disabled: false,
    ...(random.chance(0.7) ? { topics: random.sample(['security', 'node', 'go'], 2) } : {}),
    visibility: random.pick(['public', 'private', 'internal']),
    default_branch: random.pick(['main', 'master']),
    ...(random.chance(0.5)
      ? { custom_properties: { team: random.pick(['red', 'blue']), tiers: ['1', '2'], empty: null } }
      : {}),
    has_downloads: true,
  };
  const person = account('monalisa', 2, 'User');
  const place = (at: number) => ({ repository, person, number: at + 1, now, from: now - TWO_YEARS_MS });
  const many = <T>(create: (random: SeededRandom, where: ReturnType<typeof place>) => T): T[] =>
    Array.from({ length: alerts }, (_, at) => create(random, place(at)));
  return {
    repository,
    dependabot: many(createDependabotAlert),
    'code-scanning': many(createCodeScanningAlert),
    'secret-scanning': many(createSecretScanningAlert),
    off: off === undefined ? {} : { [off[0]]: off[1] },
  };
}

function account(login: string, id: number, type: GithubAccount['type']): GithubAccount {
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    url: `https://api.github.com/users/${login}`,
    html_url: `https://github.com/${login}`,
    type,
    site_admin: false,
  };
}
