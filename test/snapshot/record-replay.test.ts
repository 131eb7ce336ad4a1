import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse, Send } from '../../src/model/http.ts';
import { recorder } from '../../src/snapshot/recorder.ts';
import { scrubber } from '../../src/snapshot/scrub.ts';
import { type Replay, startReplay } from '../../src/snapshot/replay.ts';
import { type Snapshot, readSnapshot, writeSnapshot } from '../../src/snapshot/snapshot-file.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';
import { get, snapshotOf, startServer, withFolder, withTransport } from './server.ts';

const CANONICAL = 'https://api.snyk.io';
const BODIES: Readonly<Record<string, Buffer>> = {
  '/rest/numbers': Buffer.from('{"id":90071992547409931234,"price":1.0,"big":1e400}'),
  '/rest/pretty': Buffer.from('{\n  "a": 1,\n  "b": "\\u00e9\\/"\n}\n'),
  '/rest/compact': Buffer.from('{"z":[1,2,{"ü":"Grüße, 世界 🌍"}],"10":null,"2":""}'),
  '/rest/html': Buffer.from('<html><b>Grüße &amp; more</b></html>'),
  '/rest/binary': Buffer.from([0x89, 0x50, 0xff, 0xfe, 0, 1, 2, 0x0a]),
  '/rest/bom': Buffer.from('\ufeff{"a":1}'),
  '/rest/null': Buffer.from('null'),
  '/rest/empty': Buffer.alloc(0),
};

let replay: Replay | undefined;
afterEach(async () => replay?.stop());

/** Sends all, one after the other, and again after a 429. */
async function sendAll(send: Send, requests: readonly HttpRequest[]): Promise<HttpResponse[]> {
  const responses: HttpResponse[] = [];
  for (const request of requests) {
    let response = await send(request);
    responses.push(response);
    if (response.status === 429) responses.push((response = await send(request)));
  }
  return responses;
}

function requestsTo(origin: string): HttpRequest[] {
  const paths = [...Object.keys(BODIES), '/rest/limited?b=2&a=1', '/rest/gone', '/rest/no-content', '/rest/moved'];
  return [
    ...paths.map((path) => get(`${origin}${path}`, { authorization: 'token abc', accept: 'application/json' })),
    {
      method: 'POST',
      url: `${origin}/rest/graphql`,
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ a }","v":1}',
    },
    {
      method: 'POST',
      url: `${origin}/rest/graphql`,
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ b }","v":1}',
    },
  ];
}

async function record(): Promise<{ snapshot: Snapshot; responses: HttpResponse[] }> {
  let limited = 0;
  const server = await startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const body = BODIES[url.pathname];
    response.setHeader('date', 'Mon, 01 Jan 2024 00:00:00 GMT');
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.setHeader('snyk-request-id', 'changes-each-time');
    response.setHeader('x-ratelimit-remaining', '7');
    if (body !== undefined) {
      response.setHeader('content-encoding', 'gzip');
      response.setHeader('link', `<http://${request.headers.host}/rest/next?page=2>; rel="next"`);
      response.end(gzipSync(body));
    } else if (url.pathname === '/rest/limited') {
      limited++;
      if (limited === 1) response.writeHead(429, { 'retry-after': '1' }).end('slow down');
      else response.end(`{"next":"http://${request.headers.host}/rest/limited?page=2"}`);
    } else if (url.pathname === '/rest/no-content') response.writeHead(204).end();
    else if (url.pathname === '/rest/moved') response.writeHead(302, { location: '/rest/pretty' }).end();
    else if (url.pathname === '/rest/graphql')
      request.on('data', (chunk: Buffer) => response.end(`{"echo":${chunk.toString()}}`));
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('no such thing');
  });
  try {
    const tape = recorder({ origin: { effective: server.origin, canonical: CANONICAL } });
    const responses = await withTransport((send) => sendAll(tape.policy(send), requestsTo(server.origin)));
    return { snapshot: snapshotOf(tape.interactions()), responses };
  } finally {
    await server.close();
  }
}

describe('record, then replay with the server closed', () => {
  test('gives byte-identical bodies, statuses and kept headers, in order', async () => {
    await withFolder(async (folder) => {
      const host = nodeHost();
      const { snapshot, responses } = await record();
      const file = join(folder, 'snyk', 'first-sync.json');
      const secrets = [new Secret('a-configured-token-1')];
      await writeSnapshot(host, file, scrubber({ secrets }).snapshot(snapshot), { secrets });
      const read = await readSnapshot(host, file);
      expect(read.interactions.map(({ request }) => request.url.replace(CANONICAL, ''))).toEqual(
        snapshot.interactions.map(({ request }) => request.url.replace(CANONICAL, '')),
      );
      expect(read.interactions.filter(({ response }) => response.status === 429)).toHaveLength(1);
      const replayed = await withTransport(async (send) => {
        replay = await startReplay(read);
        return sendAll(replay.guard(send), requestsTo(CANONICAL));
      });
      expect(replayed.map(({ status }) => status)).toEqual(responses.map(({ status }) => status));
      for (const [index, response] of replayed.entries()) {
        const original = responses[index];
        const echo = original?.body.toString('utf8').replace(/http:\/\/127\.0\.0\.1:\d+/g, CANONICAL) ?? '';
        const same = response.body.equals(original?.body ?? Buffer.alloc(0));
        expect(same || response.body.toString('utf8') === echo, read.interactions[index]?.request.url).toBe(true);
      }
      expect(replayed[0]?.headers['link']).toBe(`<${CANONICAL}/rest/next?page=2>; rel="next"`);
      expect(replayed[0]?.headers['x-ratelimit-remaining']).toBe('7');
      expect(replay?.problems()).toEqual([]);
    });
  });

  test('no header that changes or gives away is kept', async () => {
    const { snapshot } = await record();
    const names = new Set(
      snapshot.interactions.flatMap(({ request, response }) => [
        ...Object.keys(request.headers ?? {}),
        ...Object.keys(response.headers),
      ]),
    );
    expect([...names].sort()).toEqual(
      ['accept', 'content-type', 'link', 'location', 'retry-after', 'x-ratelimit-remaining'].sort(),
    );
    expect(JSON.stringify(snapshot)).not.toMatch(/127\.0\.0\.1|token abc/);
  });

  test('JSON is readable where that keeps its bytes, and text where not', async () => {
    const { snapshot } = await record();
    const kind = (path: string): string[] =>
      snapshot.interactions
        .filter(({ request }) => new URL(request.url).pathname === path)
        .map(({ response }) => Object.keys(response).find((key) => ['json', 'text', 'base64'].includes(key)) ?? '');
    expect(kind('/rest/compact')).toEqual(['text']); // its integer-like keys would change place
    expect(kind('/rest/numbers')).toEqual(['text']);
    expect(kind('/rest/pretty')).toEqual(['text']);
    expect(kind('/rest/null')).toEqual(['json']);
    expect(kind('/rest/binary')).toEqual(['base64']);
    expect(kind('/rest/limited')).toEqual(['text', 'json']);
  });
});

describe('the recorder', () => {
  test('keeps the order of the requests when answers overtake, and counts attempts without an answer', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/cut') return void request.socket.destroy();
      setTimeout(() => response.end(`"${request.url}"`), request.url === '/slow' ? 60 : 0);
    });
    try {
      const tape = recorder({ origin: { effective: server.origin, canonical: server.origin } });
      await withTransport(async (transport) => {
        const send = tape.policy(transport);
        await expect(send(get(`${server.origin}/cut`))).rejects.toThrow();
        await Promise.all([send(get(`${server.origin}/slow`)), send(get(`${server.origin}/fast`))]);
      });
      expect(tape.interactions().map(({ request }) => request.url)).toEqual([
        `${server.origin}/slow`,
        `${server.origin}/fast`,
      ]);
      expect(tape.failedAttempts()).toBe(1);
    } finally {
      await server.close();
    }
  });

  test('moves every spelling of the origin, and no other host', async () => {
    const effective = 'http://127.0.0.1:41';
    const tape = recorder({ origin: { effective: `${effective}/rest`, canonical: `${CANONICAL}/rest` } });
    const body = {
      next: `${effective}/a`,
      parameter: `/x?to=${encodeURIComponent(`${effective}/b`)}&again=${encodeURIComponent(encodeURIComponent(effective))}`,
      other: 'http://127.0.0.1:4199/c',
    };
    const bytes = Buffer.from(`${JSON.stringify(body)} http:\\/\\/127.0.0.1:41\\/d`);
    await tape.policy(async () => ({ status: 200, headers: {}, body: bytes }))(get(`${effective}/rest/x?y=1`));
    const [interaction] = tape.interactions();
    expect(interaction?.request.url).toBe(`${CANONICAL}/rest/x?y=1`);
    const text = JSON.stringify(interaction?.response);
    expect(text).not.toContain('127.0.0.1:41/');
    expect(text.match(/api\.snyk\.io/g)).toHaveLength(4);
    expect(text).toContain('http://127.0.0.1:4199/c');
  });
});
