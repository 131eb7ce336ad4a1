// Importing this file teaches the process to import integrations, wherever they lie and whatever is installed there:
// - TypeScript with legacy decorators, by tsx with a tsconfig of our own; the project's is not read. An integration's own
//   .ts and .js files are always modules, also where no package.json says so.
// - `sassy` is always the running copy. zod is the project's own where there is one, else ours.
// - Packages are loaded by Node itself, so none is loaded twice.
// It is imported with import(), where it is needed: so commands that load nothing do not pay for it, and the hooks, which
// are the whole process's and stay as long as it lives, are set up exactly once.
import { existsSync, statSync } from 'node:fs';
import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';
import { hasCode } from '../errors/error-code.ts';
import { requireOpenFiles } from './open-files.ts';

const NAMESPACE = 'sassy';
/** How tsx knows the modules of its namespace: all others it leaves alone. */
const MARK = `tsx-namespace=${NAMESPACE}`;
/** `.ts` when this runs from the sources, `.js` from `dist/`. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** The two doors of the running package, whatever is installed beside the integration. */
const DOORS: ReadonlyMap<string, string> = new Map([
  ['sassy', new URL(`../index${EXTENSION}`, import.meta.url).href],
  ['sassy/testing', new URL(`../testing/index${EXTENSION}`, import.meta.url).href],
]);

/** What a relative import may leave out or, as TypeScript has it, write as `.js`. */
const ENDINGS = ['', '.ts', '.js', '.mts', '.mjs', '.tsx', '/index.ts', '/index.js'] as const;

requireOpenFiles();
register({ namespace: NAMESPACE, tsconfig: fileURLToPath(new URL('../../tsconfig.loader.json', import.meta.url)) });
// Registered last, so asked first: what it answers itself, tsx only compiles. (tsx's own resolving takes a .ts file
// outside of any package for CommonJS, and would load packages a second time under its namespace.)
registerHooks({ resolve: resolveModule });

/** Imports a TypeScript or JavaScript file of the project; rejects with whatever the import rejects with. */
export async function importFile(path: string): Promise<unknown> {
  const module: unknown = await import(`${pathToFileURL(path).href}?${MARK}`);
  return module;
}

type Next = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

function resolveModule(specifier: string, context: ResolveHookContext, next: Next): ResolveFnOutput {
  const door = DOORS.get(specifier);
  if (door !== undefined) return isTypeScript(door) ? compiled(door) : { url: door, shortCircuit: true };
  if (isOurs(specifier)) return compiled(specifier);
  if (!isOurs(context.parentURL ?? '')) return next(specifier, context);
  const parentURL = withoutMark(context.parentURL ?? '');
  const local = /^(?:\.{0,2}\/|file:)/.test(specifier) ? sourceFile(specifier, parentURL) : undefined;
  if (local !== undefined) return compiled(local);
  try {
    const found = next(specifier, { ...context, parentURL });
    // A package of the same workspace that is TypeScript itself.
    return isTypeScript(found.url) && !found.url.includes('/node_modules/') ? compiled(found.url) : found;
  } catch (error) {
    const isZod = specifier === 'zod' || specifier.startsWith('zod/');
    if (!isZod || !hasCode(error, 'ERR_MODULE_NOT_FOUND')) throw error;
    return { url: import.meta.resolve(specifier), shortCircuit: true };
  }
}

/** The answer for a file that tsx compiles. */
function compiled(url: string): ResolveFnOutput {
  return { url: isOurs(url) ? url : `${url}?${MARK}`, format: 'module', shortCircuit: true };
}

/** The .ts or .js file that a relative import means; undefined for other kinds of files and where there is none. */
function sourceFile(specifier: string, parentURL: string): string | undefined {
  const { href } = new URL(specifier, parentURL);
  const asTypeScript = /\.m?js$/.test(href) ? href.replace(/js$/, 'ts') : href;
  return [asTypeScript, ...ENDINGS.map((ending) => href + ending)].find((url) => isSource(url) && isFile(url));
}

function isFile(url: string): boolean {
  const path = fileURLToPath(url);
  return existsSync(path) && statSync(path).isFile();
}

function isSource(url: string): boolean {
  return /\.(?:m?[jt]s|tsx)$/.test(url);
}

function isTypeScript(url: string): boolean {
  return url.startsWith('file:') && /\.(?:m?ts|tsx)$/.test(url);
}

function isOurs(url: string): boolean {
  return url.includes(`?${MARK}`);
}

function withoutMark(url: string): string {
  return url.replace(`?${MARK}`, '');
}
