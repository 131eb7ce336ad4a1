import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isSassyError } from '../errors/sassy-error.ts';
import type { Manifest } from '../model/manifest.ts';
import { definitionError, definitionFile } from './definition-problem.ts';
import { DEFINITION_FILES } from './discovery.ts';
import { importFailure } from './import-failure.ts';
import { buildManifest, type IntegrationPlace } from './manifest.ts';

/**
 * Imports an integration and builds its manifest.
 *
 * Rejects with DEFINITION, which tells all problems at once: a syntax error or something thrown by the author's files
 * with file, line and column, a missing package with the command that installs it, a wrong definition with its mending.
 *
 * A file is imported once in the life of a process: an edit is seen by the next process. (Inside vitest files are
 * imported through vite, where `sassy` is what the vitest config makes of it.)
 */
export async function loadIntegration(place: IntegrationPlace): Promise<Manifest> {
  const file = await fileOf(place);
  let exported: unknown;
  try {
    exported = await importModule(file);
  } catch (error) {
    // No fault of the file.
    if (isSassyError(error, 'OPEN_FILES')) throw error;
    throw definitionError(place.name, importFailure(error, file), error);
  }
  const result = buildManifest(exported, { ...place, file });
  if (result.manifest === undefined) throw definitionError(place.name, result.errors);
  return result.manifest;
}

/** Imports any file of the project, e.g. its `sassy.config.ts`, by the same rules as an integration. */
export async function importModule(path: string): Promise<unknown> {
  const { importFile } = await import('./module-hooks.ts');
  return importFile(path);
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
