import type { RateLimit } from '../../model/http.ts';

/** Which of the declared limits hold for a request, and a name for all requests for which the same ones do. */
export interface LimitScope {
  /** `''` where only the limits for all requests hold. */
  readonly key: string;
  /** Indexes of the limits that hold. */
  readonly limits: readonly number[];
}

/** Sorts URLs into scopes by the paths of the limits. `basePath` is the path of the base URL. */
export function limitScopes(limits: readonly RateLimit[], basePath = ''): (url: string | undefined) => LimitScope {
  const patterns = limits.map(({ path }) => (path === undefined ? undefined : partsOf(path)));
  const everywhere = patterns.flatMap((pattern, index) => (pattern === undefined ? [index] : []));
  const plain: LimitScope = { key: '', limits: everywhere };
  if (everywhere.length === limits.length) return () => plain;
  return (url) => {
    const path = url === undefined ? undefined : URL.parse(url)?.pathname;
    if (path === undefined) return plain;
    const parts = partsOf(path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path);
    const own = patterns.flatMap((pattern, index) => (pattern !== undefined && fits(pattern, parts) ? [index] : []));
    return own.length === 0 ? plain : { key: own.join(), limits: [...everywhere, ...own] };
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return pattern.every((part, index) => part === parts[index] || (/^\{.*\}$/.test(part) && parts[index] !== undefined));
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}
