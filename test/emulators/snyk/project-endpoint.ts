import { allows, listDocument, orgOf, type ApiRequest } from './api-request.ts';
import { countIssues } from './issue-counts.ts';
import { linkStyles } from './links.ts';
import { pageOf, readPageRequest, usualLimits } from './paging.ts';
import type { QueryReader } from './query-reader.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import type { SnykProject } from './types.ts';
import type { OrgWorld } from './world.ts';

type Test = (project: SnykProject) => boolean;

/** `GET /orgs/{org_id}/projects` */
export function listProjects(request: ApiRequest): object {
  const { query, world } = request;
  const paging = readPageRequest(query, usualLimits);
  const tests = [...readIdentityTests(query), ...readLabelTests(query), ...readTimeTests(query)];
  const expandTarget = query.choices('expand', ['target']) !== undefined;
  const withCounts = query.flag('meta.latest_issue_counts') === true;
  const withDependencies = query.flag('meta.latest_dependency_total') === true;
  const countOnly = query.choice('meta_count', ['only']) !== undefined;
  query.finish();
  const org = orgOf(request);
  const matches = (project: SnykProject): boolean => tests.every((test) => test(project));
  if (countOnly) {
    const count = org.projects.filter(matches).length;
    return { jsonapi: { version: '1.0' }, links: {}, meta: { count } };
  }
  const page = pageOf(world, org.projects, matches, paging);
  const counts = withCounts ? countIssues(org.issues) : undefined;
  const data = page.items.map((project) => ({
    ...project,
    ...(expandTarget ? { relationships: { ...project.relationships, target: expandedTarget(org, project) } } : {}),
    meta: {
      ...project.meta,
      ...(counts ? { latest_issue_counts: counts(project) } : {}),
      ...(withDependencies ? { latest_dependency_total: dependencies(world.seed, project) } : {}),
    },
  }));
  return listDocument(request, page, linkStyles.bare, data);
}

function readIdentityTests(query: QueryReader): Test[] {
  const ids = query.uuids('ids');
  const targetIds = query.uuids('target_id');
  const names = query.list('names');
  const prefixes = query.list('names_start_with');
  const origins = query.list('origins');
  const types = query.list('types');
  const file = query.text('target_file');
  const reference = query.text('target_reference');
  const runtime = query.text('target_runtime');
  const importers = query.list('importing_user_public_id');
  return [
    (project) => allows(ids, project.id),
    (project) => allows(targetIds, project.relationships.target.data.id),
    ({ attributes }) => allows(names, attributes.name),
    ({ attributes }) => prefixes === undefined || prefixes.some((prefix) => attributes.name.startsWith(prefix)),
    ({ attributes }) => allows(origins, attributes.origin),
    ({ attributes }) => allows(types, attributes.type),
    ({ attributes }) => file === undefined || attributes.target_file === file,
    ({ attributes }) => reference === undefined || attributes.target_reference === reference,
    // No project here has a runtime, which only .NET projects do.
    () => runtime === undefined,
    ({ relationships }) => allows(importers, relationships.importer?.data.id ?? ''),
  ];
}

/** Projects must have all the labels that were asked for. */
function readLabelTests(query: QueryReader): Test[] {
  const tags = query.list('tags');
  const criticality = query.list('business_criticality');
  const environment = query.list('environment');
  const lifecycle = query.list('lifecycle');
  return [
    ({ attributes }) =>
      hasAll(
        tags,
        attributes.tags.map((tag) => `${tag.key}:${tag.value}`),
      ),
    ({ attributes }) => hasAll(criticality, attributes.business_criticality),
    ({ attributes }) => hasAll(environment, attributes.environment),
    ({ attributes }) => hasAll(lifecycle, attributes.lifecycle),
  ];
}

/** Projects that the CLI never monitored have no such time, and so are on neither side of one. */
function readTimeTests(query: QueryReader): Test[] {
  const after = query.time('cli_monitored_after');
  const before = query.time('cli_monitored_before');
  const monitored = (project: SnykProject): number => Date.parse(project.meta.cli_monitored_at ?? '');
  return [
    (project) => after === undefined || monitored(project) > after,
    (project) => before === undefined || monitored(project) < before,
  ];
}

function hasAll(wanted: readonly string[] | undefined, values: readonly string[]): boolean {
  return wanted === undefined || wanted.every((value) => values.includes(value));
}

function expandedTarget(org: OrgWorld, project: SnykProject): object {
  const reference = project.relationships.target;
  const target = org.targets.find((candidate) => candidate.id === reference.data.id);
  const attributes = { display_name: target?.attributes.display_name ?? '', url: target?.attributes.url ?? null };
  return { data: { ...reference.data, attributes }, links: reference.links };
}

function dependencies(seed: number, project: SnykProject): object {
  const total = new SeededRandom(seed, project.id, 'dependencies').int(3, 1_800);
  return { total, updated_at: project.attributes.created };
}
