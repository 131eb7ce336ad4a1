import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from './snyk-emulator.ts';
import { firstOrg, ids, issuesOf, list, refusal, send, sorted, walk } from './test-client.ts';
import type { SnykProject } from './types.ts';

describe('filters', () => {
  let emulator: SnykEmulator;
  let org: string;

  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 12, projectsPerOrg: 45, issuesPerOrg: [235] });
    org = firstOrg(emulator);
  });
  afterAll(() => emulator.close());

  it('of issues agree with the truth', async () => {
    const all = issuesOf(emulator, org);
    const times = sorted(all.map((issue) => issue.attributes.updated_at));
    const middle = times[Math.floor(times.length / 2)] ?? '';
    const created = all[7]?.attributes.created_at ?? '';
    const item = all.find((issue) => issue.relationships.scan_item.data.type === 'project');
    const itemId = item?.relationships.scan_item.data.id ?? '';
    const filters: [Record<string, string>, (issue: (typeof all)[number]) => boolean][] = [
      [{ updated_after: middle }, ({ attributes }) => attributes.updated_at >= middle],
      [{ updated_before: middle }, ({ attributes }) => attributes.updated_at < middle],
      [{ created_after: created }, ({ attributes }) => attributes.created_at >= created],
      [{ created_before: created }, ({ attributes }) => attributes.created_at < created],
      [{ type: 'code' }, ({ attributes }) => attributes.type === 'code'],
      [
        { effective_severity_level: 'high,critical' },
        ({ attributes }) => ['high', 'critical'].includes(attributes.effective_severity_level),
      ],
      [{ status: 'resolved' }, ({ attributes }) => attributes.status === 'resolved'],
      [{ ignored: 'true' }, ({ attributes }) => attributes.ignored],
      [{ 'scan_item.type': 'environment' }, (issue) => issue.relationships.scan_item.data.type === 'environment'],
      [
        { 'scan_item.id': itemId, 'scan_item.type': 'project' },
        (issue) => issue.relationships.scan_item.data.id === itemId,
      ],
    ];
    for (const [query, test] of filters) {
      const expected = ids(all.filter(test));
      expect(expected.length, JSON.stringify(query)).toBeGreaterThan(0);
      expect(ids((await walk(emulator, `/orgs/${org}/issues`, query)).items), JSON.stringify(query)).toEqual(expected);
    }
  });

  it('of time windows that touch show each issue once', async () => {
    const all = issuesOf(emulator, org);
    const at = all[0]?.attributes.updated_at ?? '';
    const later = await walk(emulator, `/orgs/${org}/issues`, { updated_after: at });
    const earlier = await walk(emulator, `/orgs/${org}/issues`, { updated_before: at });
    expect(sorted(ids([...later.items, ...earlier.items]))).toEqual(ids(all));
  });

  it('understand offsets, and refuse what is no RFC 3339 time', async () => {
    const path = `/orgs/${org}/issues`;
    const utc = await list(emulator, path, { updated_after: '2026-01-01T00:00:00Z' });
    const offset = await list(emulator, path, { updated_after: '2026-01-01T01:00:00.000+01:00' });
    expect(ids(offset.data)).toEqual(ids(utc.data));
    for (const time of [
      '2026-01-01',
      '2026-01-01T00:00:00',
      '2026-02-31T00:00:00Z',
      '1735689600',
      '2026-01-01T01:00:00 01:00',
    ]) {
      const response = await send(emulator, path, { updated_after: time });
      expect(await refusal(response), time).toEqual({ status: 400, parameter: 'updated_after' });
    }
  });

  it('of projects agree with the truth', async () => {
    const path = `/orgs/${org}/projects`;
    const all = emulator.truth.projects.filter((p) => p.relationships.organization.data.id === org);
    const [one, two] = all;
    const tagged = all.find((project) => project.attributes.tags.length > 0)?.attributes.tags[0];
    if (!one || !two || !tagged) throw new Error('too few projects');
    const target = one.relationships.target.data.id;
    const prefix = one.attributes.name.slice(0, 8);
    const filters: [Record<string, string>, (project: SnykProject) => boolean][] = [
      [{ ids: `${one.id},${two.id}` }, ({ id }) => id === one.id || id === two.id],
      [{ origins: 'github,ecr' }, ({ attributes }) => ['github', 'ecr'].includes(attributes.origin)],
      [{ types: 'npm' }, ({ attributes }) => attributes.type === 'npm'],
      [{ names_start_with: prefix }, ({ attributes }) => attributes.name.startsWith(prefix)],
      [{ target_id: target }, ({ relationships }) => relationships.target.data.id === target],
      [
        { tags: `${tagged.key}:${tagged.value}` },
        ({ attributes }) => attributes.tags.some(({ key, value }) => key === tagged.key && value === tagged.value),
      ],
    ];
    for (const [query, test] of filters) {
      const expected = ids(all.filter(test));
      expect(ids((await walk(emulator, path, query)).items), JSON.stringify(query)).toEqual(expected);
    }
  });

  it('of organisations agree with the truth', async () => {
    const { orgs, groups } = emulator.truth;
    const group = groups[0]?.id ?? '';
    const slug = orgs[3]?.attributes.slug ?? '';
    const byGroup = await walk(emulator, '/orgs', { group_id: group });
    expect(ids(byGroup.items)).toEqual(ids(orgs.filter((candidate) => candidate.attributes.group_id === group)));
    expect(ids((await list(emulator, '/orgs', { slug })).data)).toEqual([orgs[3]?.id]);
    const byName = await walk(emulator, '/orgs', { name: 'plat' });
    expect(ids(byName.items)).toEqual(ids(orgs.filter(({ attributes }) => /plat/i.test(attributes.name))));
  });

  it('meta.latest_issue_counts counts the issues that are served', async () => {
    const { data } = await list(emulator, `/orgs/${org}/projects`, {
      'meta.latest_issue_counts': 'true',
      limit: '100',
    });
    for (const project of data) {
      const open = issuesOf(emulator, org).filter(
        ({ attributes, relationships }) =>
          relationships.scan_item.data.id === project.id && attributes.status === 'open' && !attributes.ignored,
      );
      const count = (level: string): number =>
        open.filter(({ attributes }) => attributes.effective_severity_level === level).length;
      const levels = Object.fromEntries(['critical', 'high', 'medium', 'low'].map((level) => [level, count(level)]));
      expect(project['meta']).toMatchObject({ latest_issue_counts: levels });
    }
    expect(JSON.stringify((await list(emulator, `/orgs/${org}/projects`)).data)).not.toContain('latest_issue_counts');
  });

  it.each([
    ['/orgs', 'updated_after'],
    [`/orgs/ORG/issues`, 'sort'],
    [`/orgs/ORG/projects`, 'updated_after'],
    ['/self', 'limit'],
  ])('%s refuses %s', async (path, name) => {
    const response = await send(emulator, path.replace('ORG', org), { [name]: '2026-01-01T00:00:00Z' });
    expect(await refusal(response)).toEqual({ status: 400, parameter: name });
  });
});
