import { SeededRandom } from '../_kit/seeded-random.ts';
import {
  createCodeScanningAlert,
  createDependabotAlert,
  createSecretScanningAlert,
  secondsTime,
} from './alert-data.ts';
import type { GithubAlert, GithubRepository } from './types.ts';
import { ALERT_KINDS, type AlertKind, type RepositoryWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;

/** What happens to the data while a client reads it. The same calls in the same order lead to the same data. */
export class WorldChanges {
  readonly #world: World;
  readonly #random: SeededRandom;

  constructor(world: World) {
    this.#world = world;
    this.#random = new SeededRandom(world.seed, 'changes');
  }

  changeAlerts(count: number): GithubAlert[] {
    const at = this.#advance(count);
    const changed: GithubAlert[] = [];
    for (const { place, kind, index } of this.#spread(count)) {
      const time = secondsTime(at + Math.floor(changed.length / 2) * 1_000);
      const alert = place[kind][index];
      if (alert === undefined) continue;
      const next = altered(kind, alert, time);
      replace(place, kind, index, next);
      changed.push(next);
    }
    return changed;
  }

  addAlerts(count: number): GithubAlert[] {
    const at = this.#advance(count);
    const places = this.#places();
    const added: GithubAlert[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      const { place, kind } = places[turn % places.length] ?? {};
      if (place === undefined || kind === undefined) break;
      const where = {
        repository: place.repository,
        person: this.#world.user,
        number: place[kind].length + 1,
        now: at + turn * 1_000,
        from: at + turn * 1_000,
      };
      if (kind === 'dependabot') place.dependabot = [...place.dependabot, createDependabotAlert(this.#random, where)];
      if (kind === 'code-scanning') place[kind] = [...place[kind], createCodeScanningAlert(this.#random, where)];
      if (kind === 'secret-scanning') place[kind] = [...place[kind], createSecretScanningAlert(this.#random, where)];
      const last = place[kind].at(-1);
      if (last !== undefined) added.push(last);
    }
    return added;
  }

  removeRepository(fullName: string): void {
    const { repository } = this.#find(fullName);
    this.#world.repositories = this.#world.repositories.filter((place) => place.repository !== repository);
  }

  renameRepository(fullName: string, name: string): void {
    const place = this.#find(fullName);
    const before = place.repository;
    const after = `${before.owner.login}/${name}`;
    const moved = <T extends GithubAlert>(alert: T): T => ({
      ...alert,
      url: alert.url.replace(`/repos/${before.full_name}/`, `/repos/${after}/`),
      html_url: alert.html_url.replace(`/${before.full_name}/`, `/${after}/`),
    });
    const repository: GithubRepository = {
      ...before,
      name,
      full_name: after,
      url: before.url.replace(before.full_name, after),
      html_url: before.html_url.replace(before.full_name, after),
    };
    this.#world.renamed.set(before.full_name.toLowerCase(), before.id);
    place.repository = repository;
    place.dependabot = place.dependabot.map(moved);
    place['code-scanning'] = place['code-scanning'].map(moved);
    place['secret-scanning'] = place['secret-scanning'].map(moved);
  }

  #find(fullName: string): RepositoryWorld {
    const place = this.#world.repositories.find(({ repository }) => repository.full_name === fullName);
    if (place === undefined) throw new RangeError(`there is no repository ${fullName}`);
    return place;
  }

  /** Every list of alerts that is served. */
  #places(): { place: RepositoryWorld; kind: AlertKind }[] {
    return this.#world.repositories.flatMap((place) =>
      ALERT_KINDS.filter((kind) => place.off[kind] === undefined).map((kind) => ({ place, kind })),
    );
  }

  /** `count` different alerts, one of each list in turn. */
  #spread(count: number): { place: RepositoryWorld; kind: AlertKind; index: number }[] {
    const lists = this.#places().map(({ place, kind }) => ({
      place,
      kind,
      left: this.#random.sample([...place[kind].keys()], count),
    }));
    const chosen: { place: RepositoryWorld; kind: AlertKind; index: number }[] = [];
    while (chosen.length < count && lists.some(({ left }) => left.length > 0)) {
      for (const { place, kind, left } of lists) {
        const index = chosen.length < count ? left.pop() : undefined;
        if (index !== undefined) chosen.push({ place, kind, index });
      }
    }
    return chosen;
  }

  /** Moves the clock on and gives the time of the first change, at least a second after all before. */
  #advance(count: number): number {
    const first = this.#world.clock + 1_000;
    this.#world.clock = first + Math.max(MINUTE_MS, count * 1_000);
    return first;
  }
}

/** Something that a client can see besides the time. */
function altered(kind: AlertKind, alert: GithubAlert, time: string): GithubAlert {
  const open = alert.state === 'open';
  const resolved = {
    state: open ? 'resolved' : 'open',
    resolution: open ? 'revoked' : null,
    resolved_at: open ? time : null,
  };
  const fixed = { state: open ? 'fixed' : 'open', fixed_at: open ? time : null, dismissed_at: null };
  const woken = { auto_dismissed_at: null };
  const shared = { ...alert, updated_at: time };
  if (kind === 'secret-scanning') return { ...shared, ...resolved };
  return kind === 'dependabot' ? { ...shared, ...fixed, ...woken } : { ...shared, ...fixed };
}

function replace(place: RepositoryWorld, kind: AlertKind, index: number, alert: GithubAlert): void {
  // The alert has the kind's shape: it was made from one of the same list.
  Object.assign(place, { [kind]: place[kind].map((item, at) => (at === index ? alert : item)) });
}
