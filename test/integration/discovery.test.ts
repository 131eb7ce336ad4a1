import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findProject,
  listIntegrations,
  resolveIntegration,
  shippedIntegrations,
} from '../../src/integration/discovery.ts';
import { closest } from '../../src/util/did-you-mean.ts';
import { tempFolder, writeFiles } from './built-package.ts';

const temp = tempFolder();
const projectDir = join(temp.path, 'project');
const shippedDir = join(temp.path, 'package/integrations');
const places = { projectDir, shippedDir };

beforeAll(() => {
  const file = 'integration.ts';
  writeFiles(projectDir, {
    [`integrations/foo/${file}`]: '',
    [`integrations/foo/lib/deep/x.ts`]: '',
    [`integrations/snyk/${file}`]: '',
    'integrations/script/integration.mjs': '',
    [`integrations/Bad.Name/${file}`]: '',
    'integrations/empty/notes.md': '',
    'integrations/_shared/paging.ts': '',
    'integrations/.cache/x.ts': '',
    'integrations/README.md': '',
  });
  writeFiles(shippedDir, { [`snyk/${file}`]: '', [`github/${file}`]: '' });
});

afterAll(() => temp.remove());

describe('finding the project', () => {
  it('is the nearest folder upwards that holds integrations/', async () => {
    for (const cwd of ['', 'integrations', 'integrations/foo/lib/deep']) {
      expect(await findProject(join(projectDir, cwd))).toBe(projectDir);
    }
    const inner = join(projectDir, 'integrations/foo/inner');
    mkdirSync(join(inner, 'integrations'), { recursive: true });
    expect(await findProject(inner)).toBe(inner);
  });

  it('is none outside of one', async () => {
    expect(await findProject(join(temp.path, 'nowhere'))).toBeUndefined();
  });
});

describe('listing integrations', () => {
  it('gives those of the project first, then the shipped ones, and tells what is none', async () => {
    const { integrations, problems } = await listIntegrations(places);
    expect(integrations).toEqual([
      { name: 'foo', folder: join(projectDir, 'integrations/foo'), origin: 'project' },
      { name: 'github', folder: join(shippedDir, 'github'), origin: 'shipped' },
      { name: 'script', folder: join(projectDir, 'integrations/script'), origin: 'project' },
      { name: 'snyk', folder: join(projectDir, 'integrations/snyk'), origin: 'project' },
    ]);
    expect(problems.map(({ what }) => what)).toEqual([
      `'Bad.Name' is no name of an integration`,
      'empty has no integration.ts',
    ]);
  });

  it('works without a project, and where the project is the package', async () => {
    const without = await listIntegrations({ projectDir: undefined, shippedDir });
    expect(without.integrations.map(({ name }) => name)).toEqual(['github', 'snyk']);
    const link = join(temp.path, 'link');
    symlinkSync(join(temp.path, 'package'), link);
    const same = await listIntegrations({ projectDir: link, shippedDir });
    expect(same.integrations.map(({ origin }) => origin)).toEqual(['shipped', 'shipped']);
    expect(shippedIntegrations().replace(/\/$/, '')).toBe(join(import.meta.dirname, '../../integrations'));
  });
});

describe('resolving a name', () => {
  it('prefers the project', async () => {
    expect(await resolveIntegration('snyk', places)).toMatchObject({ origin: 'project' });
    expect(await resolveIntegration('github', places)).toMatchObject({ origin: 'shipped' });
  });

  it('suggests the nearest name', async () => {
    await expect(resolveIntegration('synk', places)).rejects.toMatchObject({
      code: 'UNKNOWN_INTEGRATION',
      message: 'there is no integration synk. Did you mean snyk?',
    });
    await expect(resolveIntegration('salesforce', places)).rejects.toMatchObject({
      message: 'there is no integration salesforce',
      why: 'there are foo, github, script, snyk',
      fix: 'sassy list',
    });
    await expect(resolveIntegration('empty', places)).rejects.toMatchObject({ why: 'empty has no integration.ts' });
  });

  it.each(['../snyk', 'a/b', '/etc', '', '.', 'Snyk', '-x', 'a b', `x\u0000`, 'x'.repeat(64)])(
    'refuses %j as no name',
    async (name) => {
      await expect(resolveIntegration(name, places)).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
    },
  );
});

describe('closest', () => {
  it.each([
    ['isues', ['issues', 'orgs'], 'issues'],
    ['ISSUES', ['issues'], 'issues'],
    ['vulnerabilites', ['vulnerabilities'], 'vulnerabilities'],
    ['org', ['orgs', 'ong'], 'orgs'],
    ['ab', ['xy'], undefined],
    ['issues', [], undefined],
    ['projects', ['issues'], undefined],
  ])('%s among %j is %s', (name, candidates, expected) => {
    expect(closest(name, candidates)).toBe(expected);
  });
});
