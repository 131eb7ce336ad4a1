import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudResource, Person, Project, WorkItem } from '../../integrations/_domain/security.ts';
import * as gcp from '../../integrations/gcp/mapping.ts';
import { Asset, Bucket, BucketPolicy, Container, SearchedResource } from '../../integrations/gcp/schema.ts';
import * as jira from '../../integrations/jira/mapping.ts';
import { Issue, JiraProject, JiraUser } from '../../integrations/jira/schema.ts';
import * as monday from '../../integrations/monday/mapping.ts';
import { Board, Item, User } from '../../integrations/monday/schema.ts';
import { createWorld as createGcpWorld } from '../emulators/gcp/world.ts';
import { searchResultOf } from '../emulators/gcp/asset-data.ts';
import { type JiraEmulator, startJiraEmulator } from '../emulators/jira/jira-emulator.ts';
import { World as MondayWorld } from '../emulators/monday/world.ts';
import { variantsOf } from '../support/record-variants.ts';

interface Schema {
  safeParse(value: unknown): { readonly success: boolean };
}

/** Whatever field is null, missing or of another type: the record becomes an entity, and nothing is thrown. */
function expectEntities(records: readonly unknown[], keys: RegExp, toEntity: (record: unknown) => unknown, of: Schema) {
  let tried = 0;
  for (const record of records) {
    for (const variant of variantsOf(record, keys)) {
      expect(of.safeParse(toEntity(variant)).success, JSON.stringify(variant)).toBe(true);
      tried += 1;
    }
  }
  expect(tried).toBeGreaterThan(10);
}

describe.each(['cloud', 'datacenter'] as const)('Jira records that lack something: %s', (deployment) => {
  let emulator: JiraEmulator;
  beforeAll(async () => {
    emulator = await startJiraEmulator({ deployment, projects: 4, users: 6, issues: 12 });
  });
  afterAll(() => emulator.close());

  it('projects, users, issues', () => {
    const { projects, users, issues } = emulator.truth;
    expectEntities(projects, /^\/id$/, (record) => jira.toProject(JiraProject.parse(record)), Project);
    expectEntities(users, /^\/(accountId|key)$/, (record) => jira.toPerson(JiraUser.parse(record)), Person);
    expectEntities(
      issues,
      /^\/(id|fields|fields\/updated)$/,
      (record) => jira.toWorkItem(Issue.parse(record)),
      WorkItem,
    );
  });
});

it('monday.com records that lack something', () => {
  const { boards, items, users } = new MondayWorld({ itemsPerBoard: 4, users: 4 });
  expectEntities(boards, /^\/id$/, (record) => monday.toProject(Board.parse(record)), Project);
  expectEntities(users, /^\/id$/, (record) => monday.toPerson(User.parse(record)), Person);
  expectEntities(items, /^\/id$/, (record) => monday.toWorkItem(Item.parse(record)), WorkItem);
});

it('Google Cloud records that lack something', () => {
  const { places, buckets, policies, assets } = createGcpWorld({
    projects: 2,
    bucketsPerProject: 2,
    assetsPerProject: 20,
  });
  const projects = places.map(({ project }) => project);
  expectEntities(projects, /^\/name$/, (record) => gcp.fromContainer(Container.parse(record)), CloudResource);
  const [policy] = policies;
  expectEntities(
    buckets,
    /^\/name$/,
    (record) => gcp.fromBucket(Bucket.parse(record), BucketPolicy.parse(policy)),
    CloudResource,
  );
  expectEntities(
    policies,
    /^\/resourceId$/,
    (record) => gcp.fromBucket(Bucket.parse(buckets[0]), BucketPolicy.parse(record)),
    CloudResource,
  );
  expectEntities(
    assets,
    /^\/(name|assetType)$/,
    (record) => gcp.fromAsset(Asset.parse(record), () => undefined),
    CloudResource,
  );
  const found = assets.map(searchResultOf).filter(({ updateTime }) => updateTime !== undefined);
  const listed = gcp.fromAsset(Asset.parse(assets[0]), () => undefined);
  expectEntities(
    found,
    /^\/(name|assetType|updateTime)$/,
    (record) => gcp.refreshed(listed, SearchedResource.parse(record)),
    CloudResource,
  );
});
