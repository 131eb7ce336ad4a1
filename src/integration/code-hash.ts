import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const CODE = /\.(?:[cm]?[jt]sx?|json)$/;
/** What a relative import may leave out or, as TypeScript has it, write as `.js`. */
const ENDINGS = ['', '.ts', '.js', '.mts', '.mjs', '.tsx', '.json', '/index.ts', '/index.js'];
/** `import … from './x.ts'`, `export … from`, `import './x.ts'`, `import('./x.ts')`. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/**
 * The sha256 of an integration's code: the paths and contents of its .ts, .js and .json files, and of the files beside it
 * (`integrations/_domain/…`) that they import, in order of path. Changes with every edit that may change what a parser
 * yields; not with its README, nor with where the folder lies. Packages are not part of it.
 */
export async function codeHashOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const own = entries
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.split(sep).slice(folder.split(sep).length).includes('node_modules'));
  const contents = new Map<string, Buffer>();
  const waiting = own;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (contents.has(path)) continue;
    const content = await readFile(path);
    contents.set(path, content);
    if (!path.endsWith('.json')) waiting.push(...(await imported(path, content.toString('utf8'), dirname(folder))));
  }
  const files = [...contents].map(([path, content]) => [relative(folder, path).split(sep).join('/'), content] as const);
  files.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const hash = createHash('sha256');
  // The length keeps the end of one file and the name of the next apart.
  for (const [path, content] of files) hash.update(`${path}\n${content.byteLength}\n`).update(content);
  return hash.digest('hex');
}

/** The files that a file imports by relative paths, as far as they lie below `root`. */
async function imported(file: string, text: string, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [, , specifier = ''] of text.matchAll(IMPORT)) {
    const path = join(dirname(file), specifier);
    if (relative(root, path).startsWith('..')) continue;
    const asTypeScript = /\.m?js$/.test(path) ? [path.replace(/js$/, 'ts')] : [];
    for (const candidate of [...asTypeScript, ...ENDINGS.map((ending) => path + ending)]) {
      if (!CODE.test(candidate) || !(await isFile(candidate))) continue;
      found.push(candidate);
      break;
    }
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
