import type { AuthContext, Send, StoredToken } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import { locator } from './locate.ts';

export interface SoloContextOptions {
  readonly host: Host;
  readonly title: string;
  readonly transport: Send;
  readonly redact: (text: string) => string;
  /** The integration's own base URL. */
  readonly baseUrl: string;
  /** The `baseUrl` of the config. */
  readonly givenBase: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A context that keeps logins in memory alone: for a client that belongs to no stored connection. */
export function soloContext(options: SoloContextOptions): AuthContext {
  const { host, title, transport, redact, baseUrl, givenBase, signal } = options;
  const tokens = new Map<string, StoredToken>();
  return {
    host,
    title,
    redact,
    transport,
    locate: locator(baseUrl, givenBase),
    store: {
      read: async (name) => tokens.get(name),
      write: async (name, token) => void tokens.set(name, token),
    },
    exclusively: (_name, work) => work(),
    learnSecret: async () => undefined,
    loginCommand: 'sassy run <integration> login',
    isReplay: false,
    ...(signal === undefined ? {} : { signal }),
  };
}
