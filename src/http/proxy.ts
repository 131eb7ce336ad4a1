import { SassyError } from '../errors/sassy-error.ts';

/** Environment variables, of which those that name proxies are read. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

export interface ProxySettings {
  /** What Node's agents take; undefined when no proxy is named. */
  readonly environment: Record<string, string> | undefined;
  /** The proxies' own names, in lower case: the user typed them, so their addresses may be private. */
  readonly hosts: ReadonlySet<string>;
}

const PROXIES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
const EXCEPTIONS = ['no_proxy', 'NO_PROXY'];

/** Agents know proxies since then (https://nodejs.org/api/http.html#new-agentoptions). */
const SINCE: readonly (readonly [major: number, minor: number])[] = [
  [22, 21],
  [24, 5],
];

/**
 * The proxies of the environment: `HTTPS_PROXY=http://user:password@proxy.corp:3128`, with NO_PROXY. CONFIG_INVALID for
 * one that cannot be used: going round a proxy in silence is what nobody who sets one wants.
 */
export function proxySettings(variables: ProxyVariables, nodeVersion: string = process.versions.node): ProxySettings {
  const named = PROXIES.flatMap((name) => {
    const value = variables[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  if (named.length === 0) return { environment: undefined, hosts: new Set() };
  const hosts = new Set(named.map(([name, value]) => proxyHost(name, value)));
  if (!knowsProxies(nodeVersion)) {
    throw new SassyError('CONFIG_INVALID', {
      message: `${named[0]?.[0] ?? 'A proxy'} is set, and Node ${nodeVersion} cannot use it`,
      why: 'proxies need Node 22.21, 24.5 or newer',
      fix: 'update Node, or unset the variable to go without a proxy',
    });
  }
  const exceptions = EXCEPTIONS.flatMap((name) => {
    const value = variables[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { environment: Object.fromEntries([...named, ...exceptions]), hosts };
}

function proxyHost(name: string, value: string): string {
  const url = URL.parse(value);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.hostname.toLowerCase();
  throw new SassyError('CONFIG_INVALID', {
    message: `${name} cannot be used`,
    why: 'it is not an http or https URL',
    fix: 'write it like http://proxy.corp:3128',
  });
}

function knowsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || SINCE.some(([known, since]) => major === known && minor >= since);
}
