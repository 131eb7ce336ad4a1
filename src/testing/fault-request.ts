import type { Socket } from 'node:net';

/** A request as it came to a fault server. */
export interface FaultRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  /** Names in lower case; of several equal ones, all with `, ` between. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The number of the connection it came on, from 1. */
  readonly connection: number;
}

/** The requests on one connection, in order; ends when the connection does. Enough HTTP for well-behaved clients. */
export async function* requestsOn(socket: Socket, connection: number): AsyncGenerator<FaultRequest, void, void> {
  let bytes = Buffer.alloc(0);
  // Leaving the loop must not cut off what is still being sent.
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) break;
      const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
      const headers = headersIn(lines);
      const length = Number(headers['content-length'] ?? 0);
      if (bytes.length < end + 4 + length) break;
      const [method = '', url = ''] = first.split(' ');
      const body = bytes.toString('utf8', end + 4, end + 4 + length);
      bytes = bytes.subarray(end + 4 + length);
      yield { method, url, headers, body, connection };
    }
  }
}

function headersIn(lines: readonly string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
