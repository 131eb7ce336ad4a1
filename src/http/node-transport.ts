import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { HttpRequest } from '../model/http.ts';
import { NetworkError } from './network-error.ts';
import {
  type Transport,
  transportOver,
  type TransportOptions,
  type WireResponse,
  type WireSettings,
} from './transport.ts';
import { wireBody } from './wire-body.ts';

/**
 * Requests by Node's own HTTP: the pages' way, of which a run sends thousands. It costs a third of got's time for each, and
 * keeps nothing of an answer that has been read.
 */
export function nodeTransport(options: TransportOptions): Transport {
  return transportOver(options, (settings) => (request, lookup) => exchange(request, lookup, settings));
}

function exchange(request: HttpRequest, lookup: LookupFunction, settings: WireSettings): Promise<WireResponse> {
  const { timeouts, maxBytes } = settings;
  return new Promise<WireResponse>((resolve, reject) => {
    const sent = open(request, lookup, settings);
    const waits = timeLimits(sent, timeouts);
    const came = wireBody(maxBytes, timeouts.slowMs);
    const { signal } = request;
    const abort = (): void => void sent.destroy(new Error('aborted'));
    const ended = (): void => {
      waits.end();
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: Error): void => {
      ended();
      reject(error);
      sent.destroy();
    };
    signal?.addEventListener('abort', abort, { once: true });
    sent.once('response', (answer) => {
      waits.answered();
      const cut = (): void => fail(waits.expired() ?? came.cut());
      answer.on('data', (chunk: Buffer) => {
        const refused = came.add(chunk);
        if (refused !== undefined) fail(refused);
      });
      answer.on('error', cut);
      answer.once('end', () => {
        if (!answer.complete) return cut();
        ended();
        resolve({ status: answer.statusCode ?? 0, rawHeaders: answer.rawHeaders, body: came.whole() });
      });
    });
    // After the answer's own error Node may tell of the same end once more, here: it has been said.
    sent.on('error', (error) => fail(waits.expired() ?? error));
    sent.end(request.body);
  });
}

function open(
  { method, url, headers, body }: HttpRequest,
  lookup: LookupFunction,
  { agents, maxHeaderBytes, headers: standing }: WireSettings,
): http.ClientRequest {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isTls = protocol === 'https:';
  if (!isTls && protocol !== 'http:') throw new TypeError(`not a protocol that is spoken: ${protocol}`);
  // Node adds no length to a GET with a body, and none to a POST without one.
  const length = body === undefined ? (method === 'GET' || method === 'HEAD' ? undefined : 0) : Buffer.byteLength(body);
  const options: http.RequestOptions = {
    protocol,
    // In a URL an IPv6 address has brackets, on a socket it has none.
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port,
    path: `${pathname}${search}`,
    method,
    headers: { ...standing, ...headers, ...(length === undefined ? {} : { 'content-length': length }) },
    agent: isTls ? agents.https : agents.http,
    lookup,
    maxHeaderSize: maxHeaderBytes,
  };
  return isTls ? https.request(options) : http.request(options);
}

/** The time limits of one attempt. */
interface TimeLimits {
  /** The response's headers are there. */
  answered(): void;
  end(): void;
  /** The limit that ended the attempt; undefined when none did. */
  expired(): NetworkError | undefined;
}

function timeLimits(sent: http.ClientRequest, timeouts: WireSettings['timeouts']): TimeLimits {
  let expired: NetworkError | undefined;
  let step: NodeJS.Timeout | undefined;
  let socket: Socket | undefined;
  const expire = (what: string, ms: number): void => {
    expired = new NetworkError('ETIMEDOUT', `timed out: ${what} (after ${ms} ms)`);
    sent.destroy(expired);
  };
  /** One step at a time is waited for: the way to the server, then its headers. */
  const wait = (what: string, ms: number): void => {
    clearTimeout(step);
    step = setTimeout(expire, ms, what, ms);
  };
  const idle = (): void => expire('no byte came', timeouts.idleMs);
  const total = setTimeout(expire, timeouts.totalMs, 'the whole answer', timeouts.totalMs);
  const headers = (): void => wait('the headers of the answer', timeouts.headersMs);
  sent.once('socket', (given) => {
    socket = given;
    given.setTimeout(timeouts.idleMs, idle);
    if (!given.connecting) return headers();
    const { connectMs } = timeouts;
    const isTls = 'encrypted' in given;
    wait('finding the address of the host', connectMs);
    given.once('lookup', () => wait('connecting', connectMs));
    given.once('connect', () => (isTls ? wait('the TLS handshake', connectMs) : headers()));
    if (isTls) given.once('secureConnect', headers);
  });
  return {
    answered: () => clearTimeout(step),
    end() {
      clearTimeout(step);
      clearTimeout(total);
      // The socket is kept for the next request, which has limits of its own.
      socket?.setTimeout(0, idle);
    },
    expired: () => expired,
  };
}
