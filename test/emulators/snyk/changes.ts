import { createIssue, ignore, reopen, resolve, unignore } from './issue-data.ts';
import { byId } from './org-data.ts';
import { projectLabels } from './project-data.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykIssue, SnykProject, SnykSeverity } from './types.ts';
import { homeOf, lowerBound, type OrgWorld, type World } from './world.ts';

const severities: readonly SnykSeverity[] = ['low', 'medium', 'high', 'critical'];
const minuteMs = 60_000;

/** What happens to the data while a client reads it. The same calls in the same order lead to the same data. */
export class WorldChanges {
  readonly #world: World;
  readonly #random: SeededRandom;

  constructor(world: World) {
    this.#world = world;
    this.#random = new SeededRandom(world.seed, 'changes');
  }

  changeIssues(count: number): SnykIssue[] {
    const chosen = this.#spread(count, (org) => org.issues.length);
    const times = this.#advance(count);
    let place = 0;
    return chosen.flatMap(({ org, size }) => {
      const changed = this.#random.sample(org.issues, size).map((issue) => {
        const copy = structuredClone(issue);
        copy.attributes.updated_at = timeAt(times, place);
        place += 1;
        this.#alter(copy);
        return copy;
      });
      org.issues = replaced(org.issues, changed);
      return changed;
    });
  }

  addIssues(count: number, orgIndex?: number): SnykIssue[] {
    const orgs = orgIndex === undefined ? this.#world.orgs : [this.#orgAt(orgIndex)];
    const times = this.#advance(count);
    const homes = new Map(orgs.map((org) => [org, homeOf(org)]));
    const added: { readonly org: OrgWorld; readonly issue: SnykIssue }[] = [];
    for (let place = 0; place < count; place += 1) {
      const org = orgs[place % orgs.length];
      const home = org && homes.get(org);
      if (org === undefined || home === undefined) break;
      const at = Date.parse(timeAt(times, place));
      added.push({ org, issue: createIssue(this.#random, home, at, at) });
    }
    for (const org of orgs) {
      const fresh = added.filter((entry) => entry.org === org).map((entry) => entry.issue);
      if (fresh.length > 0) org.issues = [...org.issues, ...fresh].toSorted(byId);
    }
    return added.map((entry) => entry.issue);
  }

  changeProjects(count: number): SnykProject[] {
    this.#advance(count);
    return this.#spread(count, (org) => org.projects.length).flatMap(({ org, size }) => {
      const changed = this.#random.sample(org.projects, size).map((project) => {
        const copy = structuredClone(project);
        Object.assign(copy.attributes, projectLabels(this.#random));
        copy.attributes.status = project.attributes.status === 'active' ? 'inactive' : 'active';
        return copy;
      });
      org.projects = replaced(org.projects, changed);
      return changed;
    });
  }

  removeProject(id: string): void {
    const org = this.#world.orgs.find((candidate) => candidate.projects.some((project) => project.id === id));
    if (org === undefined) throw new RangeError(`there is no project ${id}`);
    this.#world.removedIds.add(id);
    org.projects = org.projects.filter((project) => project.id !== id);
    const [gone, left] = partition(org.issues, (issue) => issue.relationships.scan_item.data.id === id);
    for (const issue of gone) this.#world.removedIds.add(issue.id);
    org.issues = left;
  }

  /** Always changes something that a client can see besides `updated_at`. */
  #alter(issue: SnykIssue): void {
    const kind = this.#random.pick(['status', 'severity', 'title', 'ignored'] as const);
    if (kind === 'status') {
      if (issue.attributes.status === 'open') resolve(issue, this.#random);
      else reopen(issue);
    } else if (kind === 'severity') {
      const others = severities.filter((severity) => severity !== issue.attributes.effective_severity_level);
      issue.attributes.effective_severity_level = this.#random.pick(others);
    } else if (kind === 'title') {
      issue.attributes.title = `${issue.attributes.title} (geändert ${this.#random.hex(4)})`;
    } else if (issue.attributes.ignored) unignore(issue);
    else ignore(issue, this.#random);
  }

  /** How many of each organisation, as evenly as their sizes allow. */
  #spread(count: number, sizeOf: (org: OrgWorld) => number): { org: OrgWorld; size: number }[] {
    const shares = this.#world.orgs.map((org) => ({ org, size: 0 }));
    let left = count;
    while (left > 0) {
      const open = shares.filter((share) => share.size < sizeOf(share.org));
      if (open.length === 0) break;
      for (const share of open.slice(0, left)) {
        share.size += 1;
        left -= 1;
      }
    }
    return shares.filter((share) => share.size > 0);
  }

  /** Moves the clock on by a minute or more and returns the time of the first change, later than the old present. */
  #advance(count: number): number {
    const first = this.#world.clock + 1;
    this.#world.clock = first + Math.max(minuteMs, count);
    return first;
  }

  #orgAt(index: number): OrgWorld {
    const org = this.#world.orgs[index];
    if (org === undefined) throw new RangeError(`there is no organisation ${index}`);
    return org;
  }
}

/** Every second change shares the time of the one before: ties also occur among changes. */
function timeAt(first: number, place: number): string {
  return new Date(first + Math.floor(place / 2)).toISOString();
}

function replaced<T extends { readonly id: string }>(items: readonly T[], changed: readonly T[]): T[] {
  const copy = [...items];
  for (const item of changed) copy[lowerBound(items, item.id)] = item;
  return copy;
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
