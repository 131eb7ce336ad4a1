import { httpClient, type HttpClientOptions } from '../../src/http/client.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';
import type { HttpEvent } from '../../src/http/events.ts';
import { isSassyError, type SassyError } from '../../src/errors/sassy-error.ts';
import type { HttpClient, HttpRequest, HttpSettings } from '../../src/model/http.ts';
import { Secret } from '../../src/util/secret.ts';
import { after } from './cleanup.ts';
import { virtualClock, type VirtualClock } from './virtual-clock.ts';

export interface Config {
  readonly token: Secret;
  readonly baseUrl?: string;
}

export interface Rig {
  readonly client: HttpClient;
  readonly clock: VirtualClock;
  readonly events: HttpEvent[];
}

/** A client with the real transport on a virtual clock. `retry` waits cost no time. */
export async function rig(
  origin: string,
  settings: Partial<HttpSettings<Config>> = {},
  options: Partial<HttpClientOptions<Config>> = {},
): Promise<Rig> {
  const clock = virtualClock();
  const transport = nodeTransport({ maxSockets: 8 });
  after(() => transport.close());
  const events: HttpEvent[] = [];
  const client = httpClient<Config>({
    settings: { baseUrl: origin, ...settings },
    title: 'Acme',
    config: { token: new Secret('sesame-open') },
    host: clock.host,
    transport: transport.send,
    events: (event) => events.push(event),
    ...options,
  });
  return { client, clock, events };
}

/** The SassyError that a promise rejects with; fails when it resolves or rejects with anything else. */
export async function refused(promise: Promise<unknown>): Promise<SassyError> {
  try {
    await promise;
  } catch (error) {
    if (isSassyError(error)) return error;
    throw error;
  }
  throw new Error('it resolved');
}

export function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, ...more };
}
