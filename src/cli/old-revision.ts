import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { SassyError } from '../errors/sassy-error.ts';
import { loadIntegration } from '../integration/loader.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Session } from './session.ts';

const run = promisify(execFile);

/**
 * The integration of a session as it was at a git revision, loaded from a temporary folder that is removed afterwards. The
 * working tree and the index are not touched.
 */
export async function withOldRevision<T>(
  { manifest, projectFolder }: Session,
  revision: string,
  work: (old: Manifest, folder: string) => Promise<T>,
): Promise<T> {
  const integrations = dirname(manifest.folder);
  if (relative(projectFolder, manifest.folder).startsWith('..')) {
    throw new SassyError('USAGE', {
      message: `${manifest.name} is not in this project, so no revision of it can be compared`,
      why: 'it is the one that comes with the package',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'sassy-revision-'));
  try {
    const names = (await git(integrations, revision, ['ls-tree', '-r', '-z', '--name-only', revision, '.'])).toString();
    for (const name of names.split('\0').filter((path) => /\.(?:[cm]?[jt]sx?|json)$/.test(path))) {
      const path = join(folder, 'integrations', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, await git(integrations, revision, ['show', `${revision}:./${name}`]));
    }
    const old = await loadIntegration({ name: manifest.name, folder: join(folder, 'integrations', manifest.name) });
    return await work(old, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function git(folder: string, revision: string, args: readonly string[]): Promise<Buffer> {
  try {
    const options = { cwd: folder, encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 } as const;
    return (await run('git', [...args], options)).stdout;
  } catch (error) {
    throw new SassyError('USAGE', {
      message: `git does not give the revision ${JSON.stringify(revision)}`,
      why: error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error),
      fix: 'name a commit, a branch or a tag of the repository that holds integrations/',
      cause: error,
    });
  }
}
