import { SassyError } from '../errors/sassy-error.ts';

/** Environment variables, of which those that name proxies are read. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

const PROXIES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
const EXCEPTIONS = ['no_proxy', 'NO_PROXY'];

/** Agents know proxies since then (https://nodejs.org/api/http.html#new-agentoptions). */
const SINCE: readonly (readonly [major: number, minor: number])[] = [
  [22, 21],
  [24, 5],
];

/**
 * The proxies of the environment, as Node's agents take them; undefined when none is named: `HTTPS_PROXY=http://user:password@proxy.corp:3128`, with NO_PROXY. CONFIG_INVALID for
 * one that cannot be used: going round a proxy in silence is what nobody who sets one wants. A proxy finds the addresses of
 * names itself, so what they lead to is its to judge.
 */
export function proxyEnvironment(
  variables: ProxyVariables,
  nodeVersion: string = process.versions.node,
): Readonly<Record<string, string>> | undefined {
  const named = PROXIES.flatMap((name) => {
    const value = variables[name];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  if (named.length === 0) return undefined;
  for (const [name, value] of named) checkProxy(name, value);
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
  return Object.fromEntries([...named, ...exceptions]);
}

function checkProxy(name: string, value: string): void {
  const url = URL.parse(value);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return;
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
