import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { HttpRequest, HttpResponse, Send } from '../model/http.ts';
import { ACCEPT_ENCODING, decodeBody } from './decode-body.ts';
import { guardedLookup, type Resolve } from './guarded-lookup.ts';
import { proxyEnvironment, type ProxyVariables } from './proxy.ts';
import { withoutRequest } from './wire-error.ts';

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
  /**
   * Resolves with any whole response; header names are lower case, and a header that came several times is joined with
   * `, `. Rejects with a NetworkError when there is no whole response (a body cut anywhere included), with
   * API_WRONG_ANSWER for a body that is too large or in an unknown encoding, and with the signal's reason.
   */
  readonly send: Send;
  /** Closes the kept connections. */
  close(): void;
}

/** What a wire is made with: nothing here differs from one request to the next. */
export interface WireSettings {
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
  readonly timeouts: TransportTimeouts;
  readonly maxBytes: number;
  readonly maxHeaderBytes: number;
  /** Sent with each request that does not name them itself. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends one request as it is: no retry, no redirect, no decompression. Rejects with whatever its library throws. */
export type Wire = (request: HttpRequest, lookup: LookupFunction) => Promise<WireResponse>;

export interface WireResponse {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

const DEFAULT_TIMEOUTS: TransportTimeouts = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 60_000,
  totalMs: 600_000,
  slowMs: 60_000,
};

/** All headers of one answer. Node's 16 KiB are less than some real Link headers. */
const MAX_HEADER_BYTES = 64 * 1024;

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * A transport over a wire: the connections, who may be connected to, whom TLS trusts, what a body may be. These are the
 * same whatever carries the bytes, and no library's error leaves here, because those carry the request's headers.
 */
export function transportOver(options: TransportOptions, openWire: (settings: WireSettings) => Wire): Transport {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const agents = agentsOf(options);
  const resolve = options.resolve === undefined ? {} : { resolve: options.resolve };
  const publicOnly = guardedLookup({ mayBePrivate: false, ...resolve });
  const anywhere = guardedLookup({ mayBePrivate: true, ...resolve });
  const wire = openWire({
    agents,
    timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
    maxBytes,
    maxHeaderBytes: MAX_HEADER_BYTES,
    headers: { 'user-agent': 'sassy', 'accept-encoding': ACCEPT_ENCODING },
  });
  return {
    async send(request): Promise<HttpResponse> {
      request.signal?.throwIfAborted();
      let answer: WireResponse;
      try {
        answer = await wire(request, request.mayBePrivate === true ? anywhere : publicOnly);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw withoutRequest(error, MAX_HEADER_BYTES);
      }
      const headers = joinHeaders(answer.rawHeaders);
      const body = await decodeBody(answer.body, headers['content-encoding'], maxBytes);
      return { status: answer.status, headers, body };
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function agentsOf({ maxSockets, proxyVariables, extraCa }: TransportOptions): WireSettings['agents'] {
  const pool = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
  const proxyEnv = proxyEnvironment(proxyVariables ?? {});
  const proxied = proxyEnv === undefined ? {} : { proxyEnv: { ...proxyEnv } };
  const ca = extraCa === undefined ? {} : { ca: [...getCACertificates('default'), extraCa] };
  return {
    http: new http.Agent({ ...pool, ...proxied }),
    // Said here, so that no variable of the environment can switch it off.
    https: new https.Agent({ ...pool, ...proxied, ...ca, rejectUnauthorized: true }),
  };
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
