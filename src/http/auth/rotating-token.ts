import { createHash } from 'node:crypto';
import { SassyError } from '../../errors/sassy-error.ts';
import type { AuthContext, HttpRequest, StoredToken } from '../../model/http.ts';
import { Secret } from '../../util/secret.ts';
import { type GrantedToken, type RefusedGrant, grant, loginRefused } from './token-request.ts';
import { goodUntil, type LiveToken, type Replaced } from './token-source.ts';

/** A chain of refresh tokens: each is good for one new access token, and often brings its own successor. */
export interface TokenChain {
  /** The file in the store. */
  readonly name: string;
  /** Of what the chain begins with: see `seedOf`. */
  readonly seed: string;
  /** The refresh token of the config; undefined where the chain begins with a login in a browser. */
  readonly first: string | undefined;
  /** What the user can do when the chain has come to its end. */
  readonly mend: string;
  request(refresh: string): Promise<HttpRequest>;
}

/** Changes with anything that makes an old chain meaningless: another client, another endpoint, a new first token. */
export function seedOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/**
 * Gets the next access token of a chain. One process works on it at a time; a token that another one has got meanwhile
 * is used in place of a new one. What the service answers is on the disk before anybody uses it: were it the other way
 * round, a crash could leave us with a refresh token that has been spent. Rejects with LOGIN_REFUSED at the chain's end.
 */
export function rotatingToken(context: AuthContext, chain: TokenChain): (replaced: Replaced) => Promise<LiveToken> {
  const { store } = context;
  /** Answered by the service, but the disk would not take it. */
  let unsaved: StoredToken | undefined;

  async function stored(): Promise<StoredToken | undefined> {
    const found = await store.read(chain.name);
    if (found === undefined || found.seed !== chain.seed) return undefined;
    for (const text of [found.access, found.refresh]) {
      if (text !== undefined) await context.learnSecret(new Secret(text));
    }
    return found;
  }

  async function keep(next: StoredToken): Promise<void> {
    unsaved = next;
    await store.write(chain.name, next);
    unsaved = undefined;
  }

  async function asked(refresh: string, before: StoredToken | undefined): Promise<LiveToken | RefusedGrant> {
    const { granted, refused } = await grant(context, await chain.request(refresh));
    if (granted === undefined) return refused;
    await keep(storedToken(context, chain.seed, granted, { refresh, generation: before?.generation ?? 0 }));
    return granted;
  }

  return async ({ value: replaced }) => {
    // Nothing is written here, so no lock is needed; a fresh token of an earlier run is the usual case.
    const ready = unsaved === undefined ? liveToken(context, await stored(), replaced) : undefined;
    return ready ?? context.exclusively(chain.name, () => next(replaced));
  };

  async function next(replaced: string | undefined): Promise<LiveToken> {
    if (unsaved !== undefined) await keep(unsaved);
    const known = await stored();
    const adopted = liveToken(context, known, replaced);
    if (adopted !== undefined) return adopted;
    const refresh = known?.refresh ?? chain.first;
    if (refresh === undefined) throw notLoggedIn(context, known, chain.mend);
    const answer = await asked(refresh, known);
    if (!('code' in answer)) return answer;
    // Another process, one that our lock does not reach, may have been quicker.
    const later = await stored();
    const quicker = liveToken(context, later, replaced);
    if (later?.refresh === undefined || later.refresh === refresh) throw loginRefused(context, answer, chain.mend);
    if (quicker !== undefined) return quicker;
    const second = await asked(later.refresh, later);
    if ('code' in second) throw loginRefused(context, second, chain.mend);
    return second;
  }
}

/** A granted token as it is kept. A service that sends no new refresh token lets the old one go on. */
export function storedToken(
  { host }: AuthContext,
  seed: string,
  granted: GrantedToken,
  before: { readonly refresh: string | undefined; readonly generation: number },
): StoredToken {
  return {
    seed,
    access: granted.value,
    refresh: granted.refresh ?? before.refresh,
    obtainedAt: new Date(host.clock.now()).toISOString(),
    lifetimeMs: granted.lifetimeMs,
    generation: before.generation + 1,
  };
}

/** The stored access token, if it is another than the one to be replaced and has not expired. */
function liveToken(
  { host }: AuthContext,
  stored: StoredToken | undefined,
  replaced: string | undefined,
): LiveToken | undefined {
  if (stored === undefined || stored.access === replaced) return undefined;
  const nowMs = host.clock.monotonicMs();
  // Both times are of this machine. One in the future means that its clock was set: then we cannot tell, and ask.
  const ageMs = host.clock.now() - Date.parse(stored.obtainedAt);
  if (!(ageMs >= 0)) return undefined;
  const goodUntilMs = goodUntil(nowMs - ageMs, stored.lifetimeMs);
  return goodUntilMs > nowMs ? { value: stored.access, goodUntilMs } : undefined;
}

function notLoggedIn({ title }: AuthContext, known: StoredToken | undefined, mend: string): SassyError {
  return new SassyError('LOGIN_REFUSED', {
    message: known === undefined ? `Nobody has logged in to ${title} yet` : `The login to ${title} has expired`,
    why: known === undefined ? 'there is no stored login' : 'the service gave no refresh token with it',
    fix: mend,
  });
}
