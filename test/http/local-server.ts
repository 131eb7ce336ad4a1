import * as http from 'node:http';
import * as net from 'node:net';
import { after } from './cleanup.ts';

export interface LocalServer {
  readonly origin: string;
  /** What came, in order. */
  readonly requests: readonly SeenRequest[];
}

export interface SeenRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** The client's port: one per connection. */
  readonly port: number | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** An HTTP server on a free port of this machine; `answer` gets the request and its number, from 1. Closed after the test. */
export async function serve(answer: (request: SeenRequest, number: number) => Answer): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString(), port: request.socket.remotePort };
      requests.push(seen);
      const { status = 200, headers: answered = {}, body = '' } = answer(seen, requests.length);
      response.writeHead(status, { ...answered, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  return { origin: await listen(server), requests };
}

/** A TCP server: `answer` gets each socket after its first bytes, and the number of the connection, from 1. */
export async function serveRaw(
  answer: (socket: net.Socket, number: number) => void,
): Promise<{ readonly origin: string; readonly connections: () => number }> {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    const number = connections;
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket, number));
  });
  return { origin: await listen(server), connections: () => connections };
}

/** An origin on which nothing listens. */
export async function closedPort(): Promise<string> {
  const server = net.createServer();
  const origin = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(originOf(server)));
  });
  await new Promise((resolve) => server.close(resolve));
  return origin;
}

async function listen(server: net.Server | http.Server): Promise<string> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return originOf(server);
}

function originOf(server: net.Server | http.Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
