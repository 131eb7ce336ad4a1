import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { PageRequest } from '../../src/model/http.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { linkHeader } from '../../src/pagination/link-header.ts';
import { offset } from '../../src/pagination/offset.ts';
import { conditionalPages } from '../../src/runtime/stream/known-pages.ts';
import { storedRecords } from '../../src/runtime/dataset/datasets.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import type { FaultRequest } from '../../src/testing/fault-request.ts';
import { faulty, range, streamRig } from './stream-rig.ts';

const CONDITIONAL = { stream: { conditional: true } };
const inBody = {
  request: (): PageRequest => ({ path: '/things' }),
  records: '/data',
  paginator: bodyCursor({ from: '/next', to: 'cursor' }),
};
const inHeader = { request: (): PageRequest => ({ path: '/things', query: { per_page: 3 } }), paginator: linkHeader() };

interface ListServer {
  /** The ids of each page; changed between runs. */
  pages: number[][];
  /** 200s and 304s since the last look, in the order of the pages asked for. */
  seen(): readonly string[];
  readonly answer: (request: FaultRequest) => FaultAnswer;
}

interface ListOptions {
  readonly link?: boolean;
  /** Whether a 304 has the Link header too. */
  readonly linkIn304?: boolean;
  readonly weak?: boolean;
  readonly dates?: () => { readonly changed: number; readonly now: number };
}

/** A list of pages with ETags made of the body, as most APIs make them. */
function listServer(pages: number[][], { link = false, linkIn304 = false, weak = false, dates }: ListOptions = {}) {
  let seen: string[] = [];
  const server: ListServer = {
    pages,
    seen: () => seen.splice(0),
    answer({ url, headers }) {
      const at = Number(/(?:cursor|page)=(\d+)/.exec(url.replace('per_page', ''))?.[1] ?? 0);
      const data = (server.pages[at] ?? []).map((id) => ({ id: id % 1000, version: id }));
      const next = at + 1 < server.pages.length ? at + 1 : null;
      const body = JSON.stringify(link ? data : { data, next });
      const etag = `${weak ? 'W/' : ''}"${createHash('sha1').update(body).digest('hex')}"`;
      const links: Record<string, string> =
        link && next !== null ? { link: `</things?per_page=3&page=${next}>; rel="next"` } : {};
      const { changed, now } = dates?.() ?? { changed: 0, now: 0 };
      const modified = new Date(changed).toUTCString();
      const given: Record<string, string> =
        dates === undefined ? { etag } : { 'last-modified': modified, date: new Date(now).toUTCString() };
      const isSame =
        dates === undefined ? headers['if-none-match'] === etag : headers['if-modified-since'] === modified;
      seen.push(`${at}:${isSame ? 304 : 200}`);
      if (isSame) return { status: 304, headers: { ...given, ...(linkIn304 ? links : {}) }, framing: 'length' };
      return { body, headers: { 'content-type': 'application/json', ...given, ...links } };
    },
  };
  return server;
}

describe('conditional requests (S18)', () => {
  test.each([{}, { weak: true }])('an unchanged list is nothing but 304s, and all records are there: %j', async (o) => {
    const list = listServer([[1, 2], [3], [], [4, 5]], o);
    const rig = await streamRig(await faulty(list.answer), inBody, CONDITIONAL);
    const first = await rig.run();
    expect([first.result.status, first.ids, list.seen()]).toEqual([
      'complete',
      [1, 2, 3, 4, 5],
      ['0:200', '1:200', '2:200', '3:200'],
    ]);
    for (let again = 0; again < 3; again += 1) {
      const run = await rig.run();
      expect(list.seen()).toEqual(['0:304', '1:304', '2:304', '3:304']);
      expect([run.result.status, run.ids]).toEqual(['complete', [1, 2, 3, 4, 5]]);
      expect(run.result).toMatchObject({ pages: 4, unchangedPages: 4, records: 5, bytes: 0 });
    }
  });

  test('one page changed: it alone is fetched; a reader of what is new sees its records alone', async () => {
    const list = listServer([[1, 2], [3], [4, 5]]);
    const rig = await streamRig(await faulty(list.answer), inBody, CONDITIONAL);
    await rig.run();
    await rig.run();
    const seenBefore = (await rig.open()).head?.number ?? 0;
    list.seen();
    list.pages[1] = [1003, 6];
    const run = await rig.run();
    expect([list.seen(), run.ids]).toEqual([
      ['0:304', '1:200', '2:304'],
      [1, 2, 3, 4, 5, 6],
    ]);
    const raw = await rig.open();
    const upTo = raw.head?.number ?? 0;
    const fresh = await Array.fromAsync(storedRecords(raw, rig.definition, { after: seenBefore, upTo, onlyNew: true }));
    expect(fresh.map(({ record }) => record)).toEqual([
      { id: 6, version: 6 },
      { id: 3, version: 1003 },
    ]);
    const newest = await Array.fromAsync(raw.pages({ listing: 3, order: 'newest' }));
    const oldest = await Array.fromAsync(raw.pages({ listing: 3 }));
    expect(newest.toReversed()).toEqual(oldest);
    expect(oldest.map(({ same, status }) => [same, status])).toEqual([
      [{ commit: 1, page: 0 }, 304],
      [undefined, 200],
      [{ commit: 1, page: 2 }, 304],
    ]);
  });

  test('--full and a stream that does not say so ask for everything', async () => {
    const list = listServer([[1, 2], [3]]);
    const server = await faulty(list.answer);
    const rig = await streamRig(server, inBody, CONDITIONAL);
    await rig.run();
    list.seen();
    await rig.run({ full: true });
    expect(list.seen()).toEqual(['0:200', '1:200']);
    const plain = await streamRig(server, inBody);
    await plain.run();
    await plain.run();
    expect(list.seen()).toEqual(['0:200', '1:200', '0:200', '1:200']);
  });

  test('a run that was stopped on the way goes on with its listing, still asking by condition', async () => {
    const list = listServer([[1], [2], [3], [4]]);
    const rig = await streamRig(await faulty(list.answer), inBody, CONDITIONAL);
    await rig.run();
    list.seen();
    expect((await rig.run({ maxPages: 2 })).result.status).toBe('partial');
    const run = await rig.run();
    expect([list.seen(), run.result.status, run.ids]).toEqual([
      ['0:304', '1:304', '2:304', '3:304'],
      'complete',
      [1, 2, 3, 4],
    ]);
  });

  test.each([true, false])('links in the header, told again with a 304: %s', async (linkIn304) => {
    const list = listServer(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { link: true, linkIn304 },
    );
    const rig = await streamRig(await faulty(list.answer), inHeader, CONDITIONAL);
    await rig.run();
    list.seen();
    // The last page stays as it is to the letter, and a new one comes after it.
    list.pages.push([7]);
    const run = await rig.run();
    expect(run.ids).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(list.seen()).toEqual(linkIn304 ? ['0:304', '1:304', '2:200'] : ['0:304', '1:304', '1:200', '2:200']);
    expect([(await rig.run()).ids, list.seen()]).toEqual([
      [1, 2, 3, 4, 5, 6, 7],
      ['0:304', '1:304', '2:304'],
    ]);
  });

  test('a page that is gone from a list whose 304s do not say so: the list is read again, unconditionally', async () => {
    const list = listServer(
      [
        [1, 2, 3],
        [4, 5],
      ],
      { link: true },
    );
    const server = await faulty((request) =>
      /[?&]page=1/.test(request.url) && list.pages.length < 2 ? { status: 404 } : list.answer(request),
    );
    const rig = await streamRig(server, inHeader, CONDITIONAL);
    await rig.run();
    list.seen();
    list.pages.pop();
    const run = await rig.run();
    expect([run.result.status, run.ids, run.notes.length, list.seen()]).toEqual([
      'complete',
      [1, 2, 3],
      1,
      ['0:304', '0:200'],
    ]);
  });

  test('Last-Modified is asked with only where it lies a minute before the answer', async () => {
    let changed = Date.UTC(2026, 0, 1);
    let now = changed + 3_600_000;
    const list = listServer([[1]], { dates: () => ({ changed, now }) });
    const rig = await streamRig(await faulty(list.answer), inBody, CONDITIONAL);
    await rig.run();
    await rig.run();
    expect(list.seen()).toEqual(['0:200', '0:304']);
    changed = now - 59_000;
    list.pages = [[2]];
    await rig.run();
    expect((await rig.run()).ids).toEqual([2]);
    expect(list.seen()).toEqual(['0:200', '0:200']);
    now += 60_000;
  });

  test('S18: 304 that nobody asked for, once and for ever, with and without validators before it', async () => {
    for (const stream of [{}, { conditional: true }]) {
      const server = await faulty([{ status: 304, headers: { etag: '"a"' } }]);
      const run = await (await streamRig(server, inBody, { stream })).run();
      expect([run.error?.code, run.error?.exitCode, run.result.status]).toEqual(['API_REFUSED', 5, 'failed']);
      expect(run.error?.why).toContain('304 not modified, though it was not asked whether anything changed');
    }
  });

  test('S18: an ETag that no header may hold is not sent; a paginator that needs the records is refused', async () => {
    for (const etag of ['no quotes', `"${'x'.repeat(600)}"`, '"two", "tags"']) {
      const server = await faulty([{ json: { data: [{ id: 1 }], next: null }, headers: { etag } }]);
      const rig = await streamRig(server, inBody, CONDITIONAL);
      await rig.run();
      await rig.run();
      expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
    }
    const server = await faulty([{ json: { data: [{ id: 1 }], total: 1 } }]);
    const source = { ...inBody, paginator: offset({ total: '/total' }) };
    expect((await (await streamRig(server, source, CONDITIONAL)).run()).error?.code).toBe('DEFINITION');
  });

  test('S18: a loop of 304s is a circle as any other', async () => {
    const server = await faulty(({ url, headers }) => {
      const at = Number(/cursor=(\d+)/.exec(url)?.[1] ?? 0);
      if (headers['if-none-match'] !== undefined) return { status: 304 };
      return { json: { data: [{ id: at }], next: at < 3 ? at + 1 : null }, headers: { etag: `"${at}"` } };
    });
    const rig = await streamRig(server, inBody, CONDITIONAL);
    await rig.run();
    // A server that says 304 to everything is believed: only --full asks it otherwise.
    expect((await rig.run()).ids).toEqual([0, 1, 2, 3]);
    expect((await rig.run({ full: true })).ids).toEqual([0, 1, 2, 3]);
  });

  test('the page that a 304 refers to is damaged: told with its file, never an empty page', async () => {
    const list = listServer([[1, 2], [3]]);
    const rig = await streamRig(await faulty(list.answer), inBody, CONDITIONAL);
    await rig.run();
    await rig.run();
    await rig.damage(1);
    await expect((async () => Array.fromAsync((await rig.open()).pages({ listing: 2 })))()).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
  });

  test('what is known beyond the memory that it may have is found in the temporary file', async () => {
    const list = listServer(Array.from({ length: 30 }, (_, at) => [at]));
    const server = await faulty(list.answer);
    const rig = await streamRig(server, inBody, CONDITIONAL);
    await rig.run();
    await rig.run();
    for (const inMemory of [0, 3, 100]) {
      const pages = conditionalPages(rig.blobs, { name: 'things', conditional: true }, 2, inMemory);
      const found = await Promise.all(
        server.requests
          .slice(0, 30)
          .map(async ({ url }) => pages?.ask(false)?.({ method: 'GET', url: server.origin + url })),
      );
      expect(found.map((known) => [known?.commit, known?.page])).toEqual(range(30).map((page) => [1, page]));
      expect(await pages?.ask(false)?.({ method: 'GET', url: `${server.origin}/other` })).toBeUndefined();
      expect(await pages?.ask(true)?.({ method: 'GET', url: `${server.origin}/things` })).toBeUndefined();
      pages?.close();
    }
  });

  test('thousands of pages: every record of each listing is found again', async () => {
    const count = 1500;
    const list = listServer(Array.from({ length: count }, (_, at) => [at % 1000, 1000 + (at % 1000)]));
    const rig = await streamRig(await faulty(list.answer), inBody, CONDITIONAL);
    await rig.run();
    const before = (await Array.fromAsync((await rig.open()).pages({ listing: 1 }))).map(({ body }) => body);
    list.seen();
    await rig.run();
    expect(list.seen().filter((line) => line.endsWith(':304'))).toHaveLength(count);
    const after = (await Array.fromAsync((await rig.open()).pages({ listing: 2 }))).map(({ body }) => body);
    expect(after).toEqual(before);
  });
});
