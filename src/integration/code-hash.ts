import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

const CODE = /\.(?:[cm]?[jt]sx?|json)$/;

/**
 * The sha256 of an integration's code: the paths and contents of its .ts, .js and .json files, in order of path. Changes
 * with every edit that may change what a parser yields; not with its README, nor with where the folder lies.
 */
export async function codeHashOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').includes('node_modules'))
    .sort();
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = await readFile(join(folder, path));
    // The length keeps the end of one file and the name of the next apart.
    hash.update(`${path}\n${content.byteLength}\n`).update(content);
  }
  return hash.digest('hex');
}
