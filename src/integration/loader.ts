import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Manifest } from '../model/manifest.ts';
import { definitionError, definitionFile } from './definition-problem.ts';
import { DEFINITION_FILES } from './discovery.ts';
import { importFailure } from './import-failure.ts';
import { buildManifest, type IntegrationPlace } from './manifest.ts';
import { type ImportModule, importHooks } from './module-hooks.ts';

/** Loads integrations by their folders. */
export type LoadIntegration = (place: IntegrationPlace) => Promise<Manifest>;

/**
 * A loader for several integrations (`sassy list`, a worker): the module hooks are set up once, with the first.
 *
 * Rejects with DEFINITION, which tells all problems at once: a syntax error or something thrown by the author's files
 * with file, line and column, a missing package with the command that installs it, a wrong definition with its mending.
 */
export function integrationLoader(): LoadIntegration {
  let imports: ImportModule | undefined;
  return async (place) => {
    const file = await fileOf(place);
    imports ??= importHooks();
    let exported: unknown;
    try {
      exported = await imports(pathToFileURL(file).href);
    } catch (error) {
      throw definitionError(place.name, importFailure(error, file), error);
    }
    const result = buildManifest(exported, { ...place, file });
    if (result.manifest === undefined) throw definitionError(place.name, result.errors);
    return result.manifest;
  };
}

/** Loads one integration; for the one that a command is about. See `integrationLoader`. */
export async function loadIntegration(place: IntegrationPlace): Promise<Manifest> {
  return integrationLoader()(place);
}

/** Imports any module of the project, e.g. its `sassy.config.ts`, by the same rules as an integration. */
export function importModule(path: string): Promise<unknown> {
  return importHooks()(pathToFileURL(path).href);
}

async function fileOf({ name, folder }: IntegrationPlace): Promise<string> {
  for (const file of DEFINITION_FILES) {
    const path = join(folder, file);
    if (await exists(path)) return path;
  }
  const file = definitionFile(folder);
  throw definitionError(name, [
    { file, what: `there is no ${file}`, fix: 'write it, and export the class with @Integration' },
  ]);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
