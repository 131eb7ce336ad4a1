import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PageRequest } from '../../src/model/http.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { linkHeader } from '../../src/pagination/link-header.ts';
import { offset } from '../../src/pagination/offset.ts';
import type { FaultRequest } from '../../src/testing/fault-request.ts';
import { faulty, range, streamRig, things, TOKEN } from './stream-rig.ts';

const cursor = (options = {}) => ({
  request: (): PageRequest => ({ path: '/things' }),
  records: '/data',
  paginator: bodyCursor({ from: '/next', to: 'cursor', ...options }),
});
const cursorOf = ({ url }: FaultRequest): number => Number(/cursor=(\d+)/.exec(url)?.[1] ?? 0);

describe('D1, D2: pages that lead to each other', () => {
  const circles = [
    ...Array.from({ length: 20 }, (_, before) => [1, before] as const),
    ...Array.from({ length: 49 }, (_, at) => [at + 2, 0] as const),
    ...[2, 3, 4, 5, 6, 7, 8, 13, 21, 34, 50].map((period) => [period, 7] as const),
  ];
  test.each(circles)('a circle of %i after %i other pages is found within one period', async (period, before) => {
    {
      const server = await faulty((request) => {
        const at = cursorOf(request);
        return { json: { data: [{ id: at }], next: at + 1 < before + period + 1 ? at + 1 : before + 1 } };
      });
      const run = await (await streamRig(server, cursor())).run();
      expect([run.error?.code, run.error?.exitCode, run.result.status]).toEqual(['PAGINATION_LOOP', 5, 'failed']);
      expect(run.error?.why).toMatch(/page \d+ would be page \d+ again/);
      expect(server.requests.length).toBeLessThanOrEqual(before + 2 * period + 1);
    }
  });
});

describe('D3: one handle for a whole listing', () => {
  const handle = (pages: number, bodies = pages) =>
    faulty((_, n) => ({
      json: { data: [{ id: Math.min(n, bodies) }], next: n < pages || n > bodies ? 'same' : null },
    }));

  test.each([2, 3, 4, 6, 20])('%i pages: allowed where the stream says so, an error where not', async (pages) => {
    const run = await (await streamRig(await handle(pages), cursor({ stateful: true }))).run();
    expect([run.result.status, run.ids]).toEqual(['complete', range(pages, 1)]);
    const plain = await handle(Math.max(3, pages));
    expect((await (await streamRig(plain, cursor())).run()).error?.code).toBe('PAGINATION_LOOP');
  });

  test.each([1, 2, 3, 5, 8])('is a circle when the answers repeat too, after %i', async (bodies) => {
    const run = await (await streamRig(await handle(bodies + 3, bodies), cursor({ stateful: true }))).run();
    expect(run.error?.code).toBe('PAGINATION_LOOP');
  });
});

describe('D4-D6: empty and short pages', () => {
  test.each(range(10))(
    'D4: empty pages without end are an error after 100 of them, %i full ones before',
    async (full) => {
      const server = await faulty((request) => {
        const at = cursorOf(request);
        return { json: { data: at < full ? [{ id: at }] : [], next: at + 1 } };
      });
      const run = await (await streamRig(server, cursor())).run();
      expect([run.error?.code, run.error?.exitCode, run.ids, server.requests.length]).toEqual([
        'PAGINATION_LOOP',
        5,
        range(full),
        full + 101,
      ]);
    },
  );

  test('D5, D6, 40 x: empty and short pages in between end nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }), async (sizes) => {
        const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
        const server = await faulty((request) => {
          const at = cursorOf(request);
          return {
            json: { data: things(sizes[at] ?? 0, starts[at] ?? 0), next: at + 1 < sizes.length ? at + 1 : null },
          };
        });
        const run = await (await streamRig(server, cursor())).run();
        expect([run.result.status, run.ids.length, server.requests.length]).toEqual([
          'complete',
          sizes.reduce((sum, size) => sum + size, 0),
          sizes.length,
        ]);
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});

describe('D7, D8: a next link and a redirect that lead elsewhere', () => {
  test('the run ends, the trap sees nothing, the pages before are kept', async () => {
    const trap = await faulty([{ json: { data: [] } }]);
    for (const target of [
      `${trap.origin}/steal`,
      `${trap.origin.replace('http:', '')}/steal`,
      'http://169.254.169.254/',
    ]) {
      const linked = await faulty([{ json: things(3), headers: { link: `<${target}>; rel="next"` } }]);
      const source = { request: (): PageRequest => ({ path: '/things' }), paginator: linkHeader() };
      // The page whose link leads away is not kept either: what comes after it is not known.
      const run = await (await streamRig(linked, source)).run();
      expect([run.error?.code, run.error?.exitCode]).toEqual(['EGRESS_DENIED', 5]);
      const moved = await faulty([{ status: 302, headers: { location: target } }]);
      expect((await (await streamRig(moved, source)).run()).error?.code).toBe('EGRESS_DENIED');
    }
    expect(trap.connections()).toBe(0);
  });
});

describe('D10, D11: a list read by offset that changes', () => {
  const source = {
    request: (): PageRequest => ({ path: '/things', query: { limit: 5 } }),
    records: '/data',
    paginator: offset({ total: '/total' }),
  };

  function changing(rows: number[], change: (page: number) => void) {
    return faulty((request, n) => {
      const at = Number(/offset=(\d+)/.exec(request.url)?.[1] ?? 0);
      const json = { data: rows.slice(at, at + 5).map((id) => ({ id })), total: rows.length };
      change(n);
      return { json };
    });
  }

  test('once: the slice is read again and nothing is missed', async () => {
    for (const when of [1, 2, 3]) {
      const rows = [...range(20)];
      const server = await changing(rows, (n) => void (n === when && rows.splice(0, 1)));
      const run = await (await streamRig(server, source)).run();
      expect([run.result.status, run.notes.length]).toEqual(['complete', 1]);
      // What went away meanwhile was seen before it went.
      expect(run.ids).toEqual(range(20));
    }
  });

  test('again and again: told as unstable, exit 6, after two more tries', async () => {
    const rows = [...range(40)];
    const server = await changing(rows, () => void rows.shift());
    const run = await (await streamRig(server, source)).run();
    expect([run.error?.code, run.error?.exitCode, run.notes.length]).toEqual(['LIST_UNSTABLE', 6, 2]);
  });

  test('rows put in front come once, and the record that is read twice is counted once', async () => {
    const rows = [...range(20)];
    const server = await changing(rows, (n) => void (n === 2 && rows.unshift(100)));
    const run = await (await streamRig(server, source)).run();
    expect(run.ids).toEqual([...range(20), 100]);
    const calm = await (await streamRig(await changing([...range(20)], () => undefined), source)).run();
    expect([calm.result.records, calm.ids]).toEqual([20, range(20)]);
  });
});

describe('caps', () => {
  test('a page beyond the cap is an error, also when a later run gets there; what came before is kept', async () => {
    const server = await faulty((request) => ({
      json: { data: [{ id: cursorOf(request) }], next: cursorOf(request) + 1 },
    }));
    const rig = await streamRig(server, cursor({ maxPages: 4 }));
    expect((await rig.run({ maxPages: 2 })).result.status).toBe('partial');
    const run = await rig.run();
    expect([run.error?.code, run.error?.exitCode, run.ids, server.requests.length]).toEqual([
      'PAGE_CAP',
      5,
      [0, 1, 2, 3],
      4,
    ]);
    const whole = await faulty((request) => ({
      json: { data: [{ id: cursorOf(request) }], next: cursorOf(request) < 3 ? cursorOf(request) + 1 : null },
    }));
    expect((await (await streamRig(whole, cursor({ maxPages: 4 }))).run()).result.status).toBe('complete');
  });
});

describe('X2: a token in what the server sends', () => {
  const leaks = [
    { status: 400, json: { message: `bad key ${TOKEN}` } },
    { status: 400, body: `<html><title>key ${TOKEN}</title></html>` },
    { status: 400, body: `<Error><Code>${TOKEN}</Code><Message>x</Message></Error>` },
    { status: 200, body: `{"token":"${TOKEN}"` },
    { status: 200, json: { data: 'no list', token: TOKEN } },
    { status: 200, json: { data: [], next: { token: TOKEN } } },
    { status: 302, headers: { location: `https://evil.example/?key=${TOKEN}` } },
    { status: 302, headers: { location: `https://${TOKEN}@evil.example/` } },
    { status: 302, headers: { location: `/login?session=${TOKEN}` } },
    { status: 429, headers: { 'retry-after': '99999', 'set-cookie': `s=${TOKEN}` }, body: TOKEN },
    { status: 503, body: TOKEN },
    { status: 200, headers: { 'content-encoding': TOKEN.slice(0, 40) }, body: 'x' },
    { status: 200, json: { errors: [{ message: `token ${TOKEN} is bad` }] } },
  ] as const;

  test.each(leaks)('%j is in no message', async (answer) => {
    const server = await faulty([answer]);
    const run = await (await streamRig(server, cursor())).run();
    const { error, result, notes } = run;
    expect(error).toBeDefined();
    const shown = JSON.stringify([
      error?.message,
      error?.why,
      error?.fix,
      error?.stack,
      String(error?.cause),
      result,
      notes,
    ]);
    expect(shown).not.toContain(TOKEN);
  });
});
