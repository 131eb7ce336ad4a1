import { afterEach, describe, expect, it } from 'vitest';
import { cursorIn, firstOrg, ids, issuesOf, list, ownEmulators, send, sorted, walk } from './test-client.ts';

const { start, close } = ownEmulators();
afterEach(close);

describe('change', () => {
  it('gives changed issues a later time than anything served, spread over organisations', async () => {
    const emulator = await start();
    const before = emulator.truth.issues;
    const latest = sorted(before.map(({ attributes }) => attributes.updated_at)).at(-1) ?? '';
    const changed = emulator.changeIssues(9);
    expect(new Set(ids(changed)).size).toBe(9);
    expect(new Set(changed.map((issue) => issue.relationships.organization.data.id)).size).toBe(3);
    for (const issue of changed) {
      expect(issue.attributes.updated_at > latest).toBe(true);
      const old = before.find(({ id }) => id === issue.id);
      const { updated_at: _now, ...attributes } = issue.attributes;
      const { updated_at: _then, ...oldAttributes } = old?.attributes ?? issue.attributes;
      expect(attributes).not.toEqual(oldAttributes);
    }
    const seen: string[] = [];
    for (const org of emulator.truth.orgs) {
      seen.push(
        ...ids(
          (await walk(emulator, `/orgs/${org.id}/issues`, { updated_after: changed[0]?.attributes.updated_at ?? '' }))
            .items,
        ),
      );
    }
    expect(sorted(seen)).toEqual(sorted(ids(changed)));
    const [again] = emulator.changeIssues(1);
    expect(changed.every((issue) => issue.attributes.updated_at < (again?.attributes.updated_at ?? ''))).toBe(true);
    expect(emulator.changeIssues(1_000)).toHaveLength(300);
  });

  it('adds issues, changes projects and removes them', async () => {
    const emulator = await start({ orgs: 2 });
    const org = emulator.truth.orgs[1]?.id ?? '';
    const added = emulator.addIssues(5, 1);
    expect((await walk(emulator, `/orgs/${org}/issues`)).items).toEqual(issuesOf(emulator, org));
    expect(issuesOf(emulator, org)).toHaveLength(105);
    expect(issuesOf(emulator, org)).toEqual(expect.arrayContaining([...added]));
    const [project] = emulator.changeProjects(1);
    expect(emulator.truth.projects).toContainEqual(project);
    emulator.removeProject(project?.id ?? '');
    expect(emulator.truth.projects).toHaveLength(39);
    const items = emulator.truth.issues.map((issue) => issue.relationships.scan_item.data.id);
    expect(items).not.toContain(project?.id);
    expect(() => emulator.removeProject('nothing')).toThrow(RangeError);
  });

  it('keeps a cursor good whose record was removed', async () => {
    const emulator = await start({ orgs: 1, projectsPerOrg: 25 });
    const path = `/orgs/${firstOrg(emulator)}/projects`;
    const page = await list(emulator, path);
    const rest = ids(emulator.truth.projects).slice(10);
    emulator.removeProject(page.data.at(-1)?.id ?? '');
    const cursor = cursorIn(page.links['next']);
    expect(ids((await walk(emulator, path, { starting_after: cursor })).items)).toEqual(rest);
  });

  it('can be asked for over HTTP', async () => {
    const emulator = await start();
    const before = emulator.truth.issues;
    const response = await fetch(`${emulator.url}/__emulator/change?issues=4&projects=2&add=1`, { method: 'POST' });
    expect(await response.json()).toEqual({
      issues: expect.objectContaining({ length: 4 }),
      projects: expect.objectContaining({ length: 2 }),
      added: expect.objectContaining({ length: 1 }),
    });
    expect(emulator.truth.issues.filter((issue) => !before.includes(issue))).toHaveLength(5);
    expect(emulator.requests).toEqual([]);
    expect((await fetch(`${emulator.url}/__emulator/change?issues=-1`, { method: 'POST' })).status).toBe(400);
  });
});

describe('determinism', () => {
  it('serves equal bytes for an equal seed, also after equal changes, and other data for another', async () => {
    const collect = async (seed: number): Promise<string> => {
      const emulator = await start({ seed });
      emulator.changeIssues(7);
      emulator.addIssues(3);
      emulator.changeProjects(2);
      const org = firstOrg(emulator);
      const parts: string[] = [];
      for (const path of [
        '/orgs',
        '/self',
        `/orgs/${org}/projects`,
        `/orgs/${org}/issues`,
        `/orgs/${org}/targets`,
        '/x',
      ]) {
        const response = await send(emulator, path);
        const headers = ['date', 'snyk-request-id', 'content-length'].map((name) => response.headers.get(name));
        parts.push(JSON.stringify(headers), await response.text());
      }
      return `${parts.join('\n')}${JSON.stringify(emulator.truth)}`;
    };
    const one = await collect(5);
    expect(await collect(5)).toBe(one);
    expect(await collect(6)).not.toBe(one);
  });
});

describe('size', () => {
  it('starts with thousands of issues at once', async () => {
    const startedAt = performance.now();
    const emulator = await start({ issuesPerOrg: 1_000, projectsPerOrg: 250 });
    // Under a second on a quiet machine; the bound leaves room for a busy one.
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect([emulator.truth.issues.length, emulator.truth.projects.length]).toEqual([3_000, 750]);
    expect(new Set(ids(emulator.truth.issues)).size).toBe(3_000);
  });

  it('serves organisations with nothing in them', async () => {
    const emulator = await start({ orgs: 2, projectsPerOrg: [0, 3], issuesPerOrg: [4] });
    const [empty, other] = emulator.truth.orgs;
    expect((await list(emulator, `/orgs/${empty?.id}/projects`)).data).toEqual([]);
    expect((await list(emulator, `/orgs/${empty?.id}/issues`)).data).toHaveLength(4);
    expect((await list(emulator, `/orgs/${other?.id}/issues`)).data).toEqual([]);
  });
});
