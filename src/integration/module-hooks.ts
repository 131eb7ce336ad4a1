import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { hasCode } from '../errors/error-code.ts';

/** Imports a TypeScript or JavaScript module by its file URL. */
export type ImportModule = (url: string) => Promise<unknown>;

const NAMESPACE = 'sassy';
/** `.ts` when this runs from the sources, `.js` from `dist/`. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** The two doors of the running package, whatever is installed beside the integration. */
const DOORS: ReadonlyMap<string, string> = new Map([
  ['sassy', new URL(`../index${EXTENSION}`, import.meta.url).href],
  ['sassy/testing', new URL(`../testing/index${EXTENSION}`, import.meta.url).href],
]);

/**
 * Teaches this process to import integrations, wherever they lie and whatever is installed there:
 * - TypeScript with legacy decorators, by tsx with a tsconfig of our own; the project's is not read.
 * - `sassy` is always the running copy. zod is the project's own where there is one, else ours.
 * - Packages are loaded by Node itself, so nothing is loaded twice.
 *
 * The hooks stay for the life of the process: an integration may import more when it runs.
 */
export function importHooks(): ImportModule {
  // Innermost, so that tsx hears from it: a .ts file is a module even where no package.json says so.
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      return isTypeScript(found.url) ? { ...found, format: 'module-typescript' } : found;
    },
  });
  const tsconfig = fileURLToPath(new URL('../../tsconfig.loader.json', import.meta.url));
  const tsx = register({ namespace: NAMESPACE, tsconfig });
  // Outermost: what it answers or passes on without the namespace, tsx does not touch.
  registerHooks({ resolve: (specifier, context, next) => resolvePackage(specifier, context, next) });
  return async (url) => {
    const module: unknown = await tsx.import(url, import.meta.url);
    return module;
  };
}

type Next = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

function resolvePackage(specifier: string, context: ResolveHookContext, next: Next): ResolveFnOutput {
  const door = DOORS.get(specifier);
  // Our own sources are TypeScript and may need tsx; dist needs nothing.
  if (door !== undefined) return EXTENSION === '.ts' ? next(door, context) : { url: door, shortCircuit: true };
  if (!isPackage(specifier) || !isOurs(context.parentURL)) return next(specifier, context);
  const outside = { ...context, parentURL: withoutNamespace(context.parentURL) };
  try {
    const found = next(specifier, outside);
    // A workspace package that is TypeScript itself.
    return isTypeScript(found.url) ? next(specifier, context) : found;
  } catch (error) {
    const isZod = specifier === 'zod' || specifier.startsWith('zod/');
    if (!isZod || !hasCode(error, 'ERR_MODULE_NOT_FOUND')) throw error;
    return next(specifier, { ...outside, parentURL: import.meta.url });
  }
}

function isTypeScript(url: string): boolean {
  return url.startsWith('file:') && /\.m?tsx?(?:[?#]|$)/.test(url);
}

/** True for `zod` and `@scope/name/file`, not for paths, URLs and `#imports`. */
function isPackage(specifier: string): boolean {
  return !/^(?:\.{0,2}\/|\.{1,2}$|[a-z][a-z0-9+.-]+:|#)/i.test(specifier);
}

function isOurs(url: string | undefined): url is string {
  return url?.includes(`tsx-namespace=${NAMESPACE}`) === true;
}

function withoutNamespace(url: string | undefined): string | undefined {
  return url?.replace(/[?&]tsx-namespace=[^&#]*/, '');
}
