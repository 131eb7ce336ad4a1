import type { IncomingMessage } from 'node:http';
import {
  type Transport,
  transportOver,
  type TransportOptions,
  type Wire,
  type WireResponse,
  type WireSettings,
} from './transport.ts';
import { wireBody } from './wire-body.ts';

/**
 * Requests by got: the logins' way. got is used for the wire alone: it neither retries nor follows redirects nor
 * decompresses, since all three must be done by rules that it does not have. It is loaded with the first request: a login
 * with a fixed token never needs it.
 */
export function gotTransport(options: TransportOptions): Transport {
  return transportOver(options, (settings) => {
    let wire: Promise<Wire> | undefined;
    return async (request, lookup) => (await (wire ??= gotWire(settings)))(request, lookup);
  });
}

async function gotWire({ agents, timeouts, maxBytes, maxHeaderBytes, headers: standing }: WireSettings): Promise<Wire> {
  const { default: got } = await import('got');
  const { connectMs } = timeouts;
  const client = got.extend({
    throwHttpErrors: false,
    retry: { limit: 0 },
    followRedirect: false,
    decompress: false,
    agent: agents,
    maxHeaderSize: maxHeaderBytes,
    headers: { ...standing },
    timeout: {
      lookup: connectMs,
      connect: connectMs,
      secureConnect: connectMs,
      response: timeouts.headersMs,
      socket: timeouts.idleMs,
      request: timeouts.totalMs,
    },
  });
  return ({ method, url, headers, body, signal }, lookup) =>
    new Promise<WireResponse>((resolve, reject) => {
      const needsBody = method !== 'GET' && method !== 'HEAD';
      // The stream form shows each chunk, so that a body that is too large is stopped before it is whole.
      const stream = client.stream(url, {
        method: asMethod(method),
        headers: { ...headers },
        dnsLookup: lookup,
        ...(body === undefined ? (needsBody ? { body: '' } : {}) : { body, allowGetBody: true }),
        ...(signal === undefined ? {} : { signal }),
      });
      const came = wireBody(maxBytes, timeouts.slowMs);
      let head: IncomingMessage | undefined;
      stream.once('response', (response: IncomingMessage) => {
        head = response;
      });
      stream.on('data', (chunk: Buffer) => {
        const refused = came.add(chunk);
        if (refused === undefined) return;
        reject(refused);
        stream.destroy();
      });
      stream.once('error', reject);
      stream.once('end', () => {
        if (head?.complete !== true) return void reject(came.cut());
        resolve({ status: head.statusCode ?? 0, rawHeaders: head.rawHeaders, body: came.whole() });
      });
    });
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'DELETE', 'OPTIONS'] as const;

function asMethod(method: string): (typeof METHODS)[number] {
  const known = METHODS.find((name) => name === method);
  if (known === undefined) throw new TypeError(`not an HTTP method that is sent: ${method}`);
  return known;
}
