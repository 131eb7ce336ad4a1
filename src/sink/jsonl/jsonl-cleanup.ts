import { basename, dirname, join } from 'node:path';
import { hasCode } from '../../errors/error-code.ts';
import type { Host } from '../../util/host.ts';
import { jsonlPaths, manifestName, manifestNumbers, readChain, type JsonlPaths } from './jsonl-manifest.ts';

/**
 * Removes what a killed run has left for this parser and generations older than the former one: data first, manifests
 * after, so that it can be stopped anywhere. The caller holds the run lock and has no open batch of the parser.
 */
export async function removeUnnamed(host: Host, folder: string, paths: JsonlPaths, parser: string): Promise<void> {
  const manifests = paths.manifests(parser);
  const kept = await readChain(host, manifests, 2);
  const named = new Set(kept.flatMap((one) => one.parts.map((part) => join(paths.generation(one), part.name))));
  const generations = new Set(kept.map((one) => paths.generation(one)));
  const tables = (await listed(host, folder)).filter((name) => name !== basename(dirname(manifests)));
  for (const table of tables) {
    const ofParser = join(folder, table, basename(manifests));
    for (const name of (await listed(host, ofParser)).filter((candidate) => candidate.startsWith('gen-'))) {
      const generation = join(ofParser, name);
      if (generations.has(generation)) await removeParts(host, generation, named);
      else await host.fs.removeFolder(generation);
    }
  }
  const oldest = kept[0]?.number ?? 0;
  for (const number of await manifestNumbers(host, manifests)) {
    if (number < oldest) await host.fs.unlink(join(manifests, manifestName(number)));
  }
  await removeHalves(host, manifests);
}

/**
 * Removes the halves of manifests that killed runs have left, of all parsers: one that is up to date opens no batch. The
 * caller holds the run lock.
 */
export async function removeTemporaries(host: Host, folder: string): Promise<void> {
  const all = dirname(jsonlPaths(folder).manifests('any'));
  for (const parser of await listed(host, all)) await removeHalves(host, join(all, parser));
}

async function removeHalves(host: Host, manifests: string): Promise<void> {
  for (const name of await listed(host, manifests)) {
    if (name.endsWith('.tmp')) await host.fs.unlink(join(manifests, name));
  }
}

async function removeParts(host: Host, generation: string, named: ReadonlySet<string>): Promise<void> {
  for (const name of await listed(host, generation)) {
    if (!named.has(join(generation, name))) await host.fs.unlink(join(generation, name));
  }
}

/** Empty for what is no folder: a user may keep a note beside the tables. */
async function listed(host: Host, path: string): Promise<readonly string[]> {
  try {
    return await host.fs.list(path);
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return [];
    throw error;
  }
}
