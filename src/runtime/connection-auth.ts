import { join } from 'node:path';
import { isSassyError } from '../errors/sassy-error.ts';
import { locator } from '../http/auth/locate.ts';
import { tokenStore, type TokenStoreOptions } from '../http/auth/token-store.ts';
import { trusting } from '../http/egress.ts';
import type { AuthContext } from '../model/http.ts';
import { acquireLock, type RunLock } from '../store/lock.ts';
import type { Host } from '../util/host.ts';
import { newRunId } from './run-id.ts';

export interface ConnectionAuthOptions extends Pick<
  AuthContext,
  'host' | 'title' | 'transport' | 'redact' | 'learnSecret' | 'loginCommand' | 'signal'
> {
  /** `auth/` in the connection's folder. */
  readonly folder: string;
  /** The integration's own base URL. */
  readonly baseUrl: string;
  /** The `baseUrl` of the config. */
  readonly givenBase?: string | undefined;
  readonly keys?: TokenStoreOptions;
  readonly isReplay?: boolean;
}

/** Getting a token takes seconds; a holder that needs longer than this is waiting for a service that is down. */
const LONGEST_WAIT_MS = 2 * 60_000;

/** What the logins of one stored connection work with: its store, and a lock for each login beside it. */
export function connectionAuth(options: ConnectionAuthOptions): AuthContext {
  const { host, title, transport, redact, learnSecret, loginCommand, signal, folder } = options;
  return {
    host,
    title,
    transport: trusting(options.givenBase, transport),
    redact,
    learnSecret,
    loginCommand,
    isReplay: options.isReplay ?? false,
    locate: locator(options.baseUrl, options.givenBase),
    store: tokenStore(host, folder, options.keys),
    async exclusively(name, work) {
      const lock = await patientLock(host, join(folder, name), signal);
      try {
        return await work();
      } finally {
        await lock.release();
      }
    },
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The lock of a run, but waited for: others hold it for as long as one request takes. A dead holder's is taken over. */
async function patientLock(host: Host, folder: string, signal: AbortSignal | undefined): Promise<RunLock> {
  const untilMs = host.clock.monotonicMs() + LONGEST_WAIT_MS;
  const request = { command: 'getting a token', runId: newRunId(host) };
  for (;;) {
    try {
      return await acquireLock(host, folder, request);
    } catch (error) {
      if (!isSassyError(error, 'LOCK_HELD') || host.clock.monotonicMs() >= untilMs) throw error;
      await host.clock.sleep(20 + host.random() * 80, signal);
    }
  }
}
