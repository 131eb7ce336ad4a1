import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Destroys the socket after so many bytes of the body, whose full length was announced. */
  readonly truncate?: number;
}

const gzipFromBytes = 1_025;

export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Outgoing {
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** Writes a whole answer, compressed where the client takes that and it pays. */
export function transmit(request: IncomingMessage, response: ServerResponse, outgoing: Outgoing): void {
  const isZipped = outgoing.body.length >= gzipFromBytes && acceptsGzip(request) && !isEncoded(outgoing);
  // The fastest level: tests read megabytes of this, nobody stores it.
  const body = isZipped ? gzipSync(outgoing.body, { level: 1 }) : outgoing.body;
  response.writeHead(outgoing.status, {
    'content-type': 'application/vnd.api+json; charset=utf-8',
    ...(isZipped ? { 'content-encoding': 'gzip', vary: 'accept-encoding' } : {}),
    'content-length': String(body.length),
    ...outgoing.headers,
  });
  if (outgoing.truncate === undefined || outgoing.truncate >= body.length) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  // Destroyed only when the bytes were handed over, or fewer would arrive.
  response.write(body.subarray(0, outgoing.truncate), () => response.destroy());
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding'] ?? '';
  return /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accepted);
}

function isEncoded(outgoing: Outgoing): boolean {
  return Object.keys(outgoing.headers).some((name) => name.toLowerCase() === 'content-encoding');
}
