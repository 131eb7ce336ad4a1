import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const runner = fileURLToPath(new URL('load-runner.mjs', import.meta.url));

/** A folder of its own, outside every project. */
export function tempFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sassy-integration-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes files below a folder; names may have folders in them. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** A copy of the built package (the build is made once, before all tests), as if it were installed in this folder. */
export function copyPackage(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const file of ['dist', 'package.json', 'tsconfig.loader.json']) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

export interface Loaded {
  readonly title?: string;
  readonly streams?: readonly { readonly name: string; readonly slices: unknown; readonly cursor?: unknown }[];
  readonly parsers?: readonly { readonly name: string; readonly inputs: readonly unknown[] }[];
  readonly checks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly sameSecret?: boolean;
  readonly frozen?: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly why?: string;
  readonly fix?: string;
}

/** Loads integrations in a fresh process whose current folder is `cwd`. */
export function loadAll(packageDir: string, folders: readonly string[], cwd: string): readonly Loaded[] {
  const places = folders.map((folder) => ({ name: 'foo', folder }));
  const output = execFileSync(process.execPath, [runner, packageDir, JSON.stringify(places)], {
    cwd,
    encoding: 'utf8',
  });
  const results: readonly Loaded[] = JSON.parse(output);
  return results;
}
