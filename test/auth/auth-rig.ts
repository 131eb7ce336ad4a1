import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpClient } from '../../src/http/client.ts';
import { gotTransport } from '../../src/http/got-transport.ts';
import type { HttpEvent } from '../../src/http/events.ts';
import type { TokenStoreOptions } from '../../src/http/auth/token-store.ts';
import type { Auth, AuthContext, HttpClient } from '../../src/model/http.ts';
import { connectionAuth } from '../../src/runtime/connection-auth.ts';
import type { Host } from '../../src/util/host.ts';
import type { Secret } from '../../src/util/secret.ts';
import { after } from '../http/cleanup.ts';
import { virtualClock, type VirtualClock } from '../http/virtual-clock.ts';

export interface AuthRig {
  readonly client: HttpClient;
  readonly clock: VirtualClock;
  readonly context: AuthContext;
  readonly events: readonly HttpEvent[];
  /** What was made known to the redaction, in order. */
  readonly learned: readonly string[];
}

export interface AuthRigOptions {
  readonly folder?: string;
  readonly keys?: TokenStoreOptions;
  readonly isReplay?: boolean;
  readonly clock?: VirtualClock;
  readonly fs?: Partial<Host['fs']>;
  readonly title?: string;
}

/** A client of a stored connection, with the real transport and the real files, on a virtual clock. */
export async function authRig<Config>(
  auth: Auth<Config>,
  config: Config & { readonly baseUrl: string },
  options: AuthRigOptions = {},
): Promise<AuthRig> {
  const clock = options.clock ?? virtualClock();
  const host = { ...clock.host, fs: { ...clock.host.fs, ...options.fs } };
  const transport = gotTransport({ maxSockets: 32 });
  after(() => transport.close());
  const learned: string[] = [];
  const events: HttpEvent[] = [];
  const context = connectionAuth({
    host,
    title: 'Acme',
    transport: transport.send,
    redact: (text) => learned.reduce((masked, secret) => masked.replaceAll(secret, '<secret>'), text),
    learnSecret: async (secret: Secret) => void learned.push(secret.reveal()),
    loginCommand: 'sassy run acme login',
    folder: options.folder ?? tempFolder(),
    baseUrl: 'https://api.acme.com/v1',
    givenBase: config.baseUrl,
    ...(options.keys === undefined ? {} : { keys: options.keys }),
    ...(options.isReplay === undefined ? {} : { isReplay: options.isReplay }),
  });
  const client = httpClient<Config>({
    settings: { baseUrl: 'https://api.acme.com/v1', auth },
    title: 'Acme',
    config,
    host,
    transport: transport.send,
    redact: context.redact,
    login: auth.policy(config, context),
    events: (event) => events.push(event),
  });
  return { client, clock, context, events, learned };
}

/** A folder for logins, removed after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-auth-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'auth');
}
