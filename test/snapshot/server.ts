import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeTransport } from '../../src/http/node-transport.ts';
import type { HttpRequest, HttpResponse, Send } from '../../src/model/http.ts';
import type { Snapshot } from '../../src/snapshot/snapshot-file.ts';

export interface TestServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** A real server on a port of its own. */
export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The real transport, closed afterwards. */
export async function withTransport<T>(work: (send: Send) => Promise<T>): Promise<T> {
  const transport = nodeTransport({ maxSockets: 4 });
  try {
    return await work(transport.send);
  } finally {
    transport.close();
  }
}

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sassy-snapshot-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const get = (url: string, headers: HttpRequest['headers'] = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers,
});

export const textOf = (response: HttpResponse): string => response.body.toString('utf8');

/** A snapshot with these interactions and nothing else. */
export function snapshotOf(interactions: Snapshot['interactions'], more: Partial<Snapshot> = {}): Snapshot {
  return {
    format: 1,
    integration: 'snyk',
    scenario: 'first-sync',
    source: 'test',
    recordedAt: '2026-01-02T03:04:05.000Z',
    baseUrl: 'https://api.snyk.io/rest',
    config: {},
    interactions,
    expected: { streams: {}, entities: {} },
    ...more,
  };
}

/** A recorded GET of a path below https://api.snyk.io, answered with JSON. */
export const recorded = (path: string, json: unknown, status = 200): Snapshot['interactions'][number] => ({
  request: { method: 'GET', url: `https://api.snyk.io${path}` },
  response: { status, headers: { 'content-type': 'application/json' }, json },
});
