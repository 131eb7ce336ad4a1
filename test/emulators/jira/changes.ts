import { changedIssue, createIssue, type IssueData, type World } from './world.ts';

const SHARED = 3;

/** What happens in a living site. Each change is later than all before it; three at a time share their time. */
export class WorldChanges {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  changeIssues(count: number): readonly string[] {
    const { issues, random } = this.#world;
    const chosen = random.sample(issues, count);
    const changed = new Map(
      chosen.map((issue, index): [string, IssueData] => {
        this.#tick(index);
        return [issue.id, changedIssue(this.#world, issue)];
      }),
    );
    this.#world.issues = issues.map((issue) => changed.get(issue.id) ?? issue);
    return [...changed.keys()];
  }

  addIssues(count: number): readonly string[] {
    const world = this.#world;
    const next = Number(world.issues.at(-1)?.id ?? 19_999) - 19_999;
    const added = Array.from({ length: count }, (_, index) => {
      this.#tick(index);
      return createIssue(world, world.random, next + index, world.clock);
    });
    world.issues = [...world.issues, ...added];
    return added.map(({ id }) => id);
  }

  removeIssue(id: string): void {
    this.#world.issues = this.#world.issues.filter((issue) => issue.id !== id);
  }

  removeUser(index: number): void {
    this.#world.users = this.#world.users.filter((_, place) => place !== index);
  }

  #tick(index: number): void {
    if (index % SHARED === 0) this.#world.clock += this.#world.random.int(1, 90_000);
  }
}
