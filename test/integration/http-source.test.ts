import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../../src/http/client.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';
import type { Transport } from '../../src/http/transport.ts';
import { type HttpSourceOptions, httpSource } from '../../src/integration/http-source.ts';
import { optionalRecordsAt } from '../../src/integration/record-selector.ts';
import { guardedSlice, type RequestContext } from '../../src/integration/request-context.ts';
import type { HttpClient } from '../../src/model/http.ts';
import type { Page, PageToken } from '../../src/model/page.ts';
import type { Slice } from '../../src/model/slice.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import { pageNumber } from '../../src/pagination/page-number.ts';
import { bearerAuth } from '../../src/http/policies/auth.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';

const PLACE = { slice: {}, request: { method: 'GET', url: 'https://api.example.com/' } };

interface Config {
  readonly token: Secret;
  readonly baseUrl: string;
}

let server: Server;
let transport: Transport;
let origin = '';
/** Path and query → the body to send. */
const answers = new Map<string, string>();
const asked: { readonly url: string; readonly authorization: string | undefined; readonly body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const url = request.url ?? '';
      asked.push({ url, authorization: request.headers.authorization, body });
      const answer = answers.get(url);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(answer ?? '{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
  transport = nodeTransport({ maxSockets: 4 });
});

afterEach(() => {
  answers.clear();
  asked.length = 0;
});

afterAll(() => {
  transport.close();
  server.close();
});

function isAddress(address: unknown): address is AddressInfo {
  return typeof address === 'object' && address !== null && 'port' in address;
}

function client(config: Config): HttpClient {
  return httpClient<Config>({
    settings: { baseUrl: 'https://api.example.com/v1', auth: bearerAuth((given) => given.token) },
    title: 'Example',
    config,
    host: nodeHost(),
    transport: transport.send,
  });
}

interface Run {
  readonly slice?: Slice;
  readonly since?: string;
  readonly from?: PageToken;
  readonly most?: number;
}

async function read(options: HttpSourceOptions<Config>, run: Run = {}): Promise<readonly Page[]> {
  const config = { token: new Secret('s3cr3t-token'), baseUrl: origin };
  const pages: Page[] = [];
  const { slice = {}, since, from, most = 100 } = run;
  const signal = new AbortController().signal;
  for await (const page of httpSource(options).read({ config, slice, since, from, http: client(config), signal })) {
    pages.push(page);
    if (pages.length === most) break;
  }
  return pages;
}

const issues: HttpSourceOptions<Config> = {
  request: ({ slice, since }: RequestContext<Config>) => ({
    path: `/orgs/${slice['org']}/issues`,
    query: { limit: 2, since },
  }),
  records: '/data',
  paginator: jsonApiLinks(),
};

function threePages(): void {
  answers.set(
    '/v1/orgs/a/issues?limit=2',
    '{ "data": [{"id":1.0},{"id":2}], "links": {"next": "/v1/orgs/a/issues?limit=2&after=x"} }',
  );
  answers.set(
    '/v1/orgs/a/issues?limit=2&after=x',
    '{"data":[{"id":12345678901234567890}],"links":{"next":"/v1/orgs/a/issues?limit=2&after=y"}}',
  );
  answers.set('/v1/orgs/a/issues?limit=2&after=y', '{"data":[],"links":{}}');
}

describe('reading pages over HTTP', () => {
  it('follows the paginator to the end, with the bytes as they came', async () => {
    threePages();
    const pages = await read(issues, { slice: { org: 'a' } });
    expect(pages.map(({ records }) => records.length)).toEqual([2, 1, 0]);
    expect(pages[0]?.bytes.toString()).toBe(answers.get('/v1/orgs/a/issues?limit=2'));
    expect(pages[1]?.bytes.toString()).toContain('12345678901234567890');
    expect(pages[0]).toMatchObject({
      status: 200,
      contentType: 'application/json; charset=utf-8',
      isJson: true,
      request: { method: 'GET', url: `${origin}/v1/orgs/a/issues?limit=2` },
    });
    expect(pages[2]?.next).toBeUndefined();
  });

  it('keeps no credential in a page, although each request had one', async () => {
    threePages();
    const pages = await read(issues, { slice: { org: 'a' } });
    expect(asked.map(({ authorization }) => authorization)).toEqual(Array(3).fill('Bearer s3cr3t-token'));
    expect(JSON.stringify(pages.map(({ request, next }) => ({ request, next })))).not.toContain('s3cr3t');
  });

  it('goes on from the token of any page, after it has been text', async () => {
    threePages();
    const all = await read(issues, { slice: { org: 'a' } });
    for (const [index, page] of all.slice(0, -1).entries()) {
      const from: PageToken = JSON.parse(JSON.stringify(page.next));
      const rest = await read(issues, { slice: { org: 'a' }, from });
      expect(rest.map(({ bytes }) => bytes.toString())).toEqual(
        all.slice(index + 1).map(({ bytes }) => bytes.toString()),
      );
    }
  });

  it('asks for a page only when it is wanted', async () => {
    threePages();
    await read(issues, { slice: { org: 'a' }, most: 1 });
    expect(asked).toHaveLength(1);
  });

  it('sends since on an incremental pass, and a body with POST', async () => {
    answers.set('/v1/orgs/a/issues?limit=2&since=2026-01-01T00%3A00%3A00.000Z', '{"data":[]}');
    await read(issues, { slice: { org: 'a' }, since: '2026-01-01T00:00:00.000Z' });
    answers.set('/v1/search', '[{"id":1}]');
    const [page] = await read({
      request: () => ({ path: '/search', method: 'POST', json: { q: 'x' }, idempotent: true }),
    });
    expect(asked.map(({ body }) => body)).toEqual(['', '{"q":"x"}']);
    expect(page?.records).toEqual([{ id: 1 }]);
    expect(page?.request).toEqual({ method: 'POST', url: `${origin}/v1/search`, body: '{"q":"x"}' });
  });

  it('stops a paginator that goes round in circles', async () => {
    answers.set('/v1/orgs/a/issues?limit=2', '{"data":[{"id":1}],"links":{"next":"/v1/orgs/a/issues?limit=2"}}');
    await expect(read(issues, { slice: { org: 'a' } })).rejects.toMatchObject({ code: 'PAGINATION_LOOP' });
  });
});

describe('records that are not where they should be', () => {
  it.each([
    ['{"items":[]}', '/data', 'the answer has no array at /data: there is nothing', "'/items'"],
    ['{"data":{"id":1}}', '/data', 'the answer has no array at /data: it is an object', 'records'],
    ['{"data":null}', 'data', 'the answer has no array at data: it is null', 'records'],
    ['{"data":[]}', '', 'the answer is no array: it is an object', "'/data'"],
    ['[]', '/data', 'the answer has no array at /data: there is nothing', "''"],
  ])('%s at "%s" is an error, never an empty page', async (body, records, message, fix) => {
    answers.set('/v1/things', body);
    const reading = read({ request: () => ({ path: '/things' }), records });
    await expect(reading).rejects.toMatchObject({ code: 'API_WRONG_ANSWER', message });
    await expect(reading).rejects.toHaveProperty('fix', expect.stringContaining(fix));
  });

  it('may be left out only where the stream says so', async () => {
    answers.set('/v1/things?page=1', '{"items":[1]}');
    answers.set('/v1/things?page=2', '{}');
    const records = optionalRecordsAt('/items');
    const options = { request: () => ({ path: '/things', query: { page: 1 } }), records, paginator: pageNumber() };
    const pages = await read(options);
    expect(pages.map((page) => page.records)).toEqual([[1], []]);
    expect(httpSource(options).recordsPointer).toBeUndefined();
    answers.set('/v1/things?page=2', '{"items":"none"}');
    await expect(read(options)).rejects.toMatchObject({ code: 'API_WRONG_ANSWER' });
  });

  it('are selected from a stored body by the same rule', () => {
    const source = httpSource<Config>({ request: () => ({ path: '/' }), records: 'data' });
    expect(source.recordsPointer).toBe('/data');
    expect(source.select({ data: [1, 2] }, PLACE)).toEqual([1, 2]);
    expect(() => source.select({}, PLACE)).toThrow('no array at data');
  });
});

describe('what a request is made from', () => {
  it('a slice tells when it lacks a field, before anything is sent', async () => {
    await expect(read(issues, { slice: { project: 'p' } })).rejects.toMatchObject({
      code: 'DEFINITION',
      message: 'request() reads slice.org, which this slice does not have',
      why: 'it has project',
    });
    await expect(read(issues)).rejects.toMatchObject({ why: 'the stream is read as a whole: it has no slices' });
    expect(asked).toEqual([]);
  });

  it('a slice can be spread, listed, printed and awaited', async () => {
    const slice = guardedSlice({ org: 'a' });
    expect({ ...slice }).toEqual({ org: 'a' });
    expect(JSON.stringify(slice)).toBe('{"org":"a"}');
    expect(Object.keys(slice)).toEqual(['org']);
    expect(await Promise.resolve(slice)).toBe(slice);
    expect('project' in slice).toBe(false);
  });

  it('a token that is no request is told as damaged state', async () => {
    await expect(read(issues, { from: { page: 3 } })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
