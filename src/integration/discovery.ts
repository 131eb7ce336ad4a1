import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SassyError } from '../errors/sassy-error.ts';
import { closest } from '../util/did-you-mean.ts';

/** What may be the name of an integration, and so of its folder. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The files that define an integration, in the order they are looked for. */
export const DEFINITION_FILES = ['integration.ts', 'integration.js', 'integration.mjs'] as const;

/** Where integrations are looked for. */
export interface IntegrationPlaces {
  /** The folder that holds the project's `integrations/`; undefined outside a project. */
  readonly projectDir: string | undefined;
  /** The folder of the integrations that come with the package. */
  readonly shippedDir: string;
}

export interface FoundIntegration {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly origin: 'project' | 'shipped';
}

export interface IntegrationList {
  /** By name; one of the project hides a shipped one of the same name. */
  readonly integrations: readonly FoundIntegration[];
  /** Folders that look like integrations and are none. */
  readonly problems: readonly { readonly folder: string; readonly what: string; readonly fix: string }[];
}

/** The nearest folder, from `cwd` upwards, that holds a folder `integrations`. */
export async function findProject(cwd: string): Promise<string | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (await isFolder(join(folder, 'integrations'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The integrations that come with the package. Works from `dist/` and from the sources. */
export function shippedIntegrations(): string {
  return fileURLToPath(new URL('../../integrations', import.meta.url));
}

/**
 * All integrations there are. A folder counts when its name is one and it holds `integration.ts` (or `.js`, `.mjs`).
 * Folders that begin with `_` or `.` are for shared code and are left out on purpose; any other folder is told as a problem.
 */
export async function listIntegrations({ projectDir, shippedDir }: IntegrationPlaces): Promise<IntegrationList> {
  const project = projectDir === undefined ? undefined : join(projectDir, 'integrations');
  const own = project === undefined || (await isSame(project, shippedDir)) ? NONE : await scan(project, 'project');
  const shipped = await scan(shippedDir, 'shipped');
  const hidden = new Set(own.integrations.map(({ name }) => name));
  return {
    integrations: [...own.integrations, ...shipped.integrations.filter(({ name }) => !hidden.has(name))].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    problems: [...own.problems, ...shipped.problems],
  };
}

/**
 * The folder of one integration, the project's own before the shipped ones. UNKNOWN_INTEGRATION, with the nearest name
 * there is; USAGE for what is no name at all, so that no path is ever followed.
 */
export async function resolveIntegration(name: string, places: IntegrationPlaces): Promise<FoundIntegration> {
  if (!NAME.test(name)) {
    throw new SassyError('USAGE', {
      message: `'${name.slice(0, 80)}' is no name of an integration`,
      why: 'names have small letters, digits, - and _, and begin with a letter or digit; a path is no name',
      fix: 'sassy list',
    });
  }
  const { integrations, problems } = await listIntegrations(places);
  const found = integrations.find((integration) => integration.name === name);
  if (found !== undefined) return found;
  const names = integrations.map((integration) => integration.name);
  const near = closest(name, names);
  const broken = problems.find(({ folder }) => folder.endsWith(join('integrations', name)));
  throw new SassyError('UNKNOWN_INTEGRATION', {
    message: `there is no integration ${name}${near === undefined ? '' : `. Did you mean ${near}?`}`,
    why: broken?.what ?? (names.length === 0 ? 'there are none here' : `there are ${names.join(', ')}`),
    fix: broken?.fix ?? (near === undefined ? 'sassy list' : `sassy run ${near} …, or sassy list`),
  });
}

const NONE: IntegrationList = { integrations: [], problems: [] };

async function scan(root: string, origin: FoundIntegration['origin']): Promise<IntegrationList> {
  if (!(await isFolder(root))) return NONE;
  const integrations: FoundIntegration[] = [];
  const problems: IntegrationList['problems'][number][] = [];
  for (const name of (await readdir(root)).sort()) {
    const folder = join(root, name);
    if (/^[_.]/.test(name) || name === 'node_modules' || !(await isFolder(folder))) continue;
    const files = await readdir(folder);
    if (!NAME.test(name)) {
      const what = `'${name}' is no name of an integration`;
      problems.push({ folder, what, fix: 'rename the folder: small letters, digits, - and _' });
    } else if (!DEFINITION_FILES.some((file) => files.includes(file))) {
      const fix = `write ${join(folder, 'integration.ts')}, or begin the folder's name with _ when it holds shared code`;
      problems.push({ folder, what: `${name} has no integration.ts`, fix });
    } else integrations.push({ name, folder, origin });
  }
  return { integrations, problems };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function isSame(a: string, b: string): Promise<boolean> {
  if (!(await isFolder(a)) || !(await isFolder(b))) return false;
  return (await realpath(a)) === (await realpath(b));
}
