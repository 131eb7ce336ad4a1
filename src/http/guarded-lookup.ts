import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { SassyError } from '../errors/sassy-error.ts';
import { privateAddress } from './egress.ts';
import { isPrivateAddress } from './private-address.ts';

/** All addresses of a name, in the order in which they are to be tried. Rejects with Node's error when there is none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface GuardedLookupOptions {
  /** True for names that the user typed. */
  readonly mayBePrivate: boolean;
  readonly resolve?: Resolve;
}

/** Carries our error through Node and got, which hand on an error's cause at most. */
const CODE = 'SASSY_ADDRESS_REFUSED';

class AddressRefused extends Error {
  readonly code = CODE;
  readonly refusal: SassyError;

  constructor(refusal: SassyError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/**
 * The lookup for a socket. What it answers is what the socket then connects to, so an address is checked and used in one
 * step: a name that is public for the check and private for the connection does not exist. One private address among
 * several is enough to refuse the name.
 */
export function guardedLookup({ mayBePrivate, resolve = systemResolve }: GuardedLookupOptions): LookupFunction {
  const found = async (hostname: string): Promise<readonly LookupAddress[]> => {
    const addresses = await resolve(hostname);
    const wrong = mayBePrivate ? undefined : addresses.find(({ address }) => isPrivateAddress(address));
    if (wrong !== undefined) throw new AddressRefused(privateAddress(hostname, wrong.address));
    return addresses;
  };
  return (hostname, options, callback) => {
    const fail = (error: unknown): void => callback(error instanceof Error ? error : new Error(String(error)), '', 0);
    const answer = (addresses: readonly LookupAddress[]): void => {
      const family = Number(options.family ?? 0);
      const fitting = addresses.filter((item) => family === 0 || item.family === family);
      const [first] = fitting;
      if (first === undefined) fail(notFound(hostname));
      else if (options.all === true) callback(null, [...fitting]);
      else callback(null, first.address, first.family);
    };
    void found(hostname).then(answer, fail);
  };
}

/** Our own error again, out of whatever it has been wrapped in. */
export function refusedAddress(error: unknown): SassyError | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof AddressRefused) return inner.refusal;
  }
  return undefined;
}

function systemResolve(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
}
