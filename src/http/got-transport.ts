import * as http from 'node:http';
import * as https from 'node:https';
import { getCACertificates } from 'node:tls';
import { codeOf } from '../errors/error-code.ts';
import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import type { HttpRequest, HttpResponse, Send } from '../model/http.ts';
import { ACCEPT_ENCODING, decodeBody, tooLarge } from './decode-body.ts';
import { guardedLookup, refusedAddress, type Resolve } from './guarded-lookup.ts';
import { NetworkError } from './network-error.ts';
import { proxyEnvironment, type ProxyVariables } from './proxy.ts';

export interface TransportOptions {
  /** Connections to one host: as many as there are workers. */
  readonly maxSockets: number;
  readonly timeouts?: Partial<TransportTimeouts>;
  /** Of one body, decompressed. Default 64 MiB. */
  readonly maxBytes?: number;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. Default: no proxy. */
  readonly proxyVariables?: ProxyVariables;
  /** Certificates in PEM of authorities to trust besides those that Node trusts. */
  readonly extraCa?: string;
  /** Finds the addresses of a name. Default: the system's. */
  readonly resolve?: Resolve;
}

export interface TransportTimeouts {
  /** DNS, TCP and TLS, each. Default 10 s. */
  readonly connectMs: number;
  /** From the request's last byte to the response's headers. Default 30 s. */
  readonly headersMs: number;
  /** Without any byte. Default 60 s. */
  readonly idleMs: number;
  /** The whole attempt, whatever trickles in. Default 10 minutes. */
  readonly totalMs: number;
  /** A body must bring at least 1 KiB a second, over any span of this length. Default 60 s. */
  readonly slowMs: number;
}

export interface Transport {
  readonly send: Send;
  /** Closes the kept connections. */
  close(): void;
}

const DEFAULT_TIMEOUTS: TransportTimeouts = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 60_000,
  totalMs: 600_000,
  slowMs: 60_000,
};

/** Slower than a modem: whatever sends so slowly holds a worker and never ends. */
const SLOWEST_BYTES_PER_SECOND = 1024;

/** All headers of one answer. Node's 16 KiB are less than some real Link headers. */
const MAX_HEADER_BYTES = 64 * 1024;

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Requests over the network, by got, which is loaded with the first call. got is used for the wire alone: it neither
 * retries nor follows redirects nor decompresses, since all three must be done by rules that it does not have.
 *
 * `send` resolves with any whole response; header names are lower case, and a header that came several times is
 * joined with `, `. It rejects with a NetworkError when there is no whole response (a body cut anywhere included),
 * with API_WRONG_ANSWER for a body that is too large or in an unknown encoding, and with the signal's reason. got's
 * own errors never leave: they carry the request's headers.
 */
export async function gotTransport(options: TransportOptions): Promise<Transport> {
  const { default: got } = await import('got');
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const pool = { keepAlive: true, maxSockets: options.maxSockets, maxFreeSockets: options.maxSockets };
  const proxyEnv = proxyEnvironment(options.proxyVariables ?? {});
  const proxied = proxyEnv === undefined ? {} : { proxyEnv: { ...proxyEnv } };
  const ca = options.extraCa === undefined ? {} : { ca: [...getCACertificates('default'), options.extraCa] };
  const agent = {
    http: new http.Agent({ ...pool, ...proxied }),
    // Said here, so that no variable of the environment can switch it off.
    https: new https.Agent({ ...pool, ...proxied, ...ca, rejectUnauthorized: true }),
  };
  const resolve = options.resolve === undefined ? {} : { resolve: options.resolve };
  const publicOnly = guardedLookup({ mayBePrivate: false, ...resolve });
  const anywhere = guardedLookup({ mayBePrivate: true, ...resolve });
  const { connectMs } = timeouts;
  const client = got.extend({
    throwHttpErrors: false,
    retry: { limit: 0 },
    followRedirect: false,
    decompress: false,
    agent,
    maxHeaderSize: MAX_HEADER_BYTES,
    headers: { 'user-agent': 'sassy', 'accept-encoding': ACCEPT_ENCODING },
    timeout: {
      lookup: connectMs,
      connect: connectMs,
      secureConnect: connectMs,
      response: timeouts.headersMs,
      socket: timeouts.idleMs,
      request: timeouts.totalMs,
    },
  });

  /**
   * The stream form costs a little less than the promise form, holds less memory, and shows each chunk, so that a body
   * that is too large is stopped before it is whole.
   */
  function wire(request: HttpRequest): Promise<WireResponse> {
    const { method, url, headers, body, signal } = request;
    return new Promise((resolve, reject) => {
      const needsBody = method !== 'GET' && method !== 'HEAD';
      const stream = client.stream(url, {
        method: asMethod(method),
        headers: { ...headers },
        dnsLookup: request.mayBePrivate === true ? anywhere : publicOnly,
        ...(body === undefined ? (needsBody ? { body: '' } : {}) : { body, allowGetBody: true }),
        ...(signal === undefined ? {} : { signal }),
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      let head: http.IncomingMessage | undefined;
      const floor = speedFloor(timeouts.slowMs);
      stream.once('response', (response: http.IncomingMessage) => {
        head = response;
      });
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        const isSlow = floor(chunk.byteLength);
        if (bytes <= maxBytes && !isSlow) return void chunks.push(chunk);
        reject(isSlow ? tooSlow(bytes) : tooLarge(maxBytes));
        stream.destroy();
      });
      stream.once('error', reject);
      stream.once('end', () => {
        if (head?.complete === true) {
          resolve({ status: head.statusCode ?? 0, rawHeaders: head.rawHeaders, body: Buffer.concat(chunks, bytes) });
        } else reject(new NetworkError('TRUNCATED_BODY', `the connection ended within the body, after ${bytes} bytes`));
      });
    });
  }

  return {
    async send(request): Promise<HttpResponse> {
      request.signal?.throwIfAborted();
      let answer: WireResponse;
      try {
        answer = await wire(request);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw isSassyError(error) || error instanceof NetworkError ? error : withoutRequest(error);
      }
      const headers = joinHeaders(answer.rawHeaders);
      const body = await decodeBody(answer.body, headers['content-encoding'], maxBytes);
      return { status: answer.status, headers, body };
    },
    close() {
      agent.http.destroy();
      agent.https.destroy();
    },
  };
}

/** Takes the size of each chunk; true when a whole span has brought less than it must. No byte at all is an idle timeout. */
function speedFloor(spanMs: number): (bytes: number) => boolean {
  let start = performance.now();
  let came = 0;
  return (bytes) => {
    came += bytes;
    const passed = performance.now() - start;
    if (passed < spanMs) return false;
    const isSlow = came < (passed / 1000) * SLOWEST_BYTES_PER_SECOND;
    start += passed;
    came = 0;
    return isSlow;
  };
}

function tooSlow(bytes: number): NetworkError {
  const floor = `${SLOWEST_BYTES_PER_SECOND} bytes a second`;
  return new NetworkError('TOO_SLOW', `the body comes at less than ${floor} (${bytes} bytes so far)`);
}

function tooManyHeaders(): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent more headers than any answer needs',
    why: `they are more than ${MAX_HEADER_BYTES / 1024} KiB`,
  });
}

interface WireResponse {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'DELETE', 'OPTIONS'] as const;

function asMethod(method: string): (typeof METHODS)[number] {
  const known = METHODS.find((name) => name === method);
  if (known === undefined) throw new TypeError(`not an HTTP method that is sent: ${method}`);
  return known;
}

/** Node drops the second of two equal headers; here both are kept, so that two Retry-After values are seen as two. */
function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

/** In words, where Node's own are short of them. */
const MEANING: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'the connection was closed by the other side'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['CERT_HAS_EXPIRED', 'the certificate of the server has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is signed by the server itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate is signed by an authority that Node does not know'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate is signed by an authority that Node does not know'],
]);

/** got's and Node's words for a body that ended early. */
const CUT = new Set(['ERR_HTTP_CONTENT_LENGTH_MISMATCH', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Codes of the system, the HTTP parser and TLS: all else is a mistake in the request, which no retry mends. */
const OF_THE_NETWORK = /^(E(?!RR_)|HPE_|ERR_SSL_|ERR_TLS_|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/;

/** got's and Node's errors say what happened in code and message; all else they carry stays behind. */
function withoutRequest(error: unknown): Error {
  const refused = refusedAddress(error);
  if (refused !== undefined) return refused;
  const code = codeOf(error) ?? '';
  if (code === 'HPE_HEADER_OVERFLOW') return tooManyHeaders();
  const message = error instanceof Error ? error.message : String(error);
  if (CUT.has(code)) return new NetworkError('TRUNCATED_BODY', `the body ended early (${message})`);
  if (!OF_THE_NETWORK.test(code)) return new Error(message);
  const meaning = MEANING.get(code);
  return new NetworkError(code, meaning === undefined ? `${message} (${code})` : `${meaning} (${code})`);
}
