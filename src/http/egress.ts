import { SassyError } from '../errors/sassy-error.ts';
import type { DeclaredHost, Policy, Send } from '../model/http.ts';
import { isPrivateAddress, literalAddress } from './private-address.ts';

/** Where a request may go, and what it may take along. */
interface Destination {
  /** The credentials may be sent there. */
  readonly hasLogin: boolean;
  /** The user or the integration named this very place: its address may be a private one. */
  readonly mayBePrivate: boolean;
}

/** Says what may be sent to a URL. EGRESS_DENIED, before anything is dialled, for every place that nobody named. */
export type Egress = (url: string, what?: string) => Destination;

export interface EgressOptions {
  /** The effective base URL. */
  readonly base: string;
  /** True when the user typed it (config `baseUrl`): it may then be a private address. */
  readonly isTyped: boolean;
  readonly hosts?: readonly (string | DeclaredHost)[];
}

/**
 * The one rule of where requests go: the origin of the base URL, the declared hosts over https. Everything
 * else, a private address first of all, is refused. (A login talks to its token endpoint by a way of its own.)
 */
export function egressRule({ base, isTyped, hosts = [] }: EgressOptions): Egress {
  const { origin, hostname } = new URL(base);
  const allowed = new Map<string, Destination>();
  const patterns: { readonly pattern: RegExp; readonly destination: Destination }[] = [];
  for (const declared of hosts) {
    const { host, login = false } = typeof declared === 'string' ? { host: declared } : declared;
    const destination = { hasLogin: login, mayBePrivate: false };
    if (host.includes('{')) patterns.push({ pattern: originPattern(host), destination });
    else allowed.set(originOf(`https://${host}`), destination);
  }
  allowed.set(origin, { hasLogin: true, mayBePrivate: isTyped || isNamedLocal(hostname) });

  return (url, what = 'A request') => {
    const target = URL.parse(url);
    const destination =
      target === null
        ? undefined
        : (allowed.get(target.origin) ?? patterns.find(({ pattern }) => pattern.test(target.origin))?.destination);
    if (target === null || destination === undefined || target.username !== '' || target.password !== '') {
      throw denied(target, origin, what);
    }
    const address = literalAddress(target.hostname);
    if (address !== undefined && !destination.mayBePrivate && isPrivateAddress(address)) {
      throw privateAddress(target.hostname, address);
    }
    return destination;
  };
}

/** Lets nothing out that the rule does not allow. Stands right above what sends. */
export function egress(rule: Egress): Policy {
  return (next) => async (request) => {
    const { mayBePrivate } = rule(request.url);
    return next(mayBePrivate ? { ...request, mayBePrivate } : request);
  };
}

/**
 * For the login's own requests, which no policy is around: the place that the user typed as base URL may be private for
 * them too. Their URLs are the integration's and the user's, never an answer's.
 */
export function trusting(typedBase: string | undefined, send: Send): Send {
  const origin = typedBase === undefined ? undefined : URL.parse(typedBase)?.origin;
  if (origin === undefined) return send;
  return (request) => send(URL.parse(request.url)?.origin === origin ? { ...request, mayBePrivate: true } : request);
}

/** The error for a name that leads to a private address although nobody named that place. */
export function privateAddress(hostname: string, address: string): SassyError {
  const shown = hostname.includes(address) ? hostname : `${hostname} (${address})`;
  return new SassyError('EGRESS_DENIED', {
    message: `${shown} is not on the public internet, and only the base URL that you set may be elsewhere`,
    why: 'its address is private, local, reserved or that of a metadata service',
    fix: 'if the service really lives there and you trust it, set it as the base URL (baseUrl) of the connection',
  });
}

/** An author who writes a base URL with an address or localhost means it. */
function isNamedLocal(hostname: string): boolean {
  return literalAddress(hostname) !== undefined || hostname === 'localhost';
}

/** A name in braces stands for one whole label of the host: never for a dot, so never for somebody else's domain. */
function originPattern(host: string): RegExp {
  const labels = host.split('.');
  const isName = (label: string): boolean => /^\{\w+\}$/.test(label);
  const isPlain = (label: string): boolean => /^[a-z0-9-]+(:\d+)?$/.test(label);
  if (labels.slice(0, -2).every((label) => isName(label) || isPlain(label)) && labels.slice(-2).every(isPlain)) {
    return new RegExp(`^https://${labels.map((label) => (isName(label) ? '[a-z0-9-]+' : label)).join('\\.')}$`);
  }
  throw new SassyError('DEFINITION', {
    message: `A host of the integration cannot be used: ${host.slice(0, 200)}`,
    why: 'a name in braces stands for a whole label, and for none of the last two, which say whose host it is',
    fix: "write it like hosts: ['s3.{region}.amazonaws.com']",
  });
}

function originOf(text: string): string {
  const url = URL.parse(text);
  const isPlain = url !== null && url.username === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isPlain) return url.origin;
  throw new SassyError('DEFINITION', {
    message: `A host of the integration cannot be used: ${text.slice(0, 200)}`,
    fix: "write names alone: hosts: ['files.example.com']",
  });
}

function denied(target: URL | null, origin: string, what: string): SassyError {
  const withUser = target !== null && (target.username !== '' || target.password !== '');
  const place =
    target === null ? 'no URL' : target.host === '' ? target.protocol : `${target.protocol}//${target.host}`;
  return new SassyError('EGRESS_DENIED', {
    message: `${what} would go to ${place}${withUser ? ' with a user name in it' : ''}, and only ${origin} is asked`,
    why: 'no request and no login goes to a host that neither the integration nor the user has named',
    fix: `if it belongs to the service and you trust it, add it to the integration's http: hosts: ['${target?.host ?? ''}']; if the service lives there, set it as baseUrl`,
  });
}
