import { createServer } from 'node:http';
import http from 'node:http';
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { defineIntegration, fullRefresh, incremental, parser } from '../../src/index.ts';
import { openNetworkGuard } from '../../src/runtime/parse/network-guard.ts';
import { parserSteps } from '../../src/runtime/parse/parser-steps.ts';
import { quarantineFolder, readQuarantine } from '../../src/runtime/parse/quarantine-files.ts';
import { Trail } from '../../src/runtime/dataset/trail.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { type Connection, connection } from './connection.ts';
import { base, type Item, items, Items, Thing } from './things.ts';

describe('a parser that misbehaves', () => {
  let open: Connection | undefined;
  afterEach(() => open?.remove());

  async function parsed(
    at: (item: Item) => unknown,
    records = items(300),
    more: { readonly after?: () => void } = {},
  ): Promise<Connection> {
    const things = parser({ items: incremental(Items) }, Thing, async function* ({ items: all }) {
      for await (const item of all) {
        await at(item);
        yield { id: item.id, size: item.size };
      }
      more.after?.();
    });
    open = await connection(defineIntegration({ ...base, streams: [Items], entities: [Thing], parsers: { things } }));
    await open.page('items', records);
    return open;
  }

  it('throws at one record of many: that one is quarantined, the others come through', async () => {
    const at = await parsed(({ id }) => {
      if (id === 'i0007') throw new TypeError('odd one');
    });
    const { result, error } = await at.run('parse');
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ quarantined: 1, entities: { added: 299 }, inputs: { items: 300 } });
    const [line] = await readQuarantine(at.context.host, quarantineFolder(at.paths.parsed, 'things'));
    expect(line?.entry).toMatchObject({
      kind: 'thrown',
      key: 'i0007',
      problems: [{ message: expect.stringContaining('odd one') }],
    });
  });

  it('throws at more than one in a hundred: the run fails, and nothing is changed', async () => {
    let count = 0;
    const at = await parsed(({ id }) => {
      if (id > 'i0290') throw new Error(`broken ${(count += 1)}`);
    });
    const { error } = await at.run('parse');
    expect(error).toMatchObject({
      code: 'PARSER_FAILED',
      message: expect.stringContaining('broken 1'),
      why: expect.stringContaining('record'),
    });
    expect(await at.rows('things')).toEqual([]);
    expect(count).toBeLessThan(30);
  });

  it('throws at all: a few attempts, then the first error', async () => {
    const at = await parsed(() => {
      throw new Error('always');
    }, items(5_000));
    expect((await at.run('parse')).error).toMatchObject({
      code: 'PARSER_FAILED',
      message: 'the parser things threw: always',
    });
  });

  it('throws after the last record', async () => {
    const at = await parsed(() => undefined, items(3), {
      after: () => {
        throw new Error('at the end');
      },
    });
    expect((await at.run('parse')).error).toMatchObject({
      code: 'PARSER_FAILED',
      message: expect.stringContaining('at the end'),
    });
  });

  it('never goes on: it is stopped and named', async () => {
    const trail = new Trail();
    const guard = openNetworkGuard();
    const [stuck] = (
      await connection(
        defineIntegration({
          ...base,
          streams: [Items],
          entities: [Thing],
          parsers: {
            stuck: parser({ items: incremental(Items) }, Thing, async function* () {
              yield { id: 'a', size: 1 };
              await new Promise(() => undefined);
            }),
          },
        }),
      ).then((made) => (open = made))
    ).manifest.parsers;
    if (stuck === undefined) throw new Error('none');
    const values: unknown[] = [];
    const each = (value: unknown): unknown => values.push(value);
    const steps = parserSteps({ parser: stuck, inputs: [], trail, guard, clock: nodeHost().clock, each, stallMs: 100 });
    await expect(steps.next()).rejects.toMatchObject({
      code: 'PARSER_FAILED',
      message: expect.stringContaining('has not gone on'),
    });
    expect(values).toEqual([{ id: 'a', size: 1 }]);
    guard.close();
  });

  it('changes what it looks up: the looked-up record is frozen', async () => {
    const things = parser({ items: fullRefresh(Items) }, Thing, async function* ({ items: all }) {
      const byId = await all.keyBy('id');
      const found = byId.get('i0001');
      if (found !== undefined) found.size = 99;
      yield { id: 'x', size: 1 };
    });
    open = await connection(defineIntegration({ ...base, streams: [Items], entities: [Thing], parsers: { things } }));
    await open.page('items', items(3));
    expect((await open.run('parse')).error).toMatchObject({ message: expect.stringMatching(/read only|extensible/) });
  });

  describe('and the network', () => {
    const attempts: Readonly<Record<string, (port: number) => unknown>> = {
      fetch: (port) => fetch(`http://127.0.0.1:${port}/?token=hidden`),
      'fetch that is swallowed': (port) => fetch(`http://127.0.0.1:${port}/`).catch(() => undefined),
      'http.request': (port) =>
        new Promise((resolve, reject) => {
          http.get({ host: '127.0.0.1', port, path: '/?token=hidden' }, resolve).on('error', reject);
        }),
      'net.connect': (port) => connect(port, '127.0.0.1'),
      'a lookup': () => lookup('example.invalid'),
      'a program': () => execFile('curl', ['http://127.0.0.1']),
    };

    it.each(Object.keys(attempts))('%s is refused, and nothing arrives', async (name) => {
      let requests = 0;
      const server = createServer((_request, response) => {
        requests += 1;
        response.end('{}');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address: AddressInfo | string | null = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      try {
        const at = await parsed((item) => (item.id === 'i0002' ? attempts[name]?.(port) : undefined));
        const { error } = await at.run('restream');
        expect(error).toMatchObject({
          code: 'PARSER_NETWORK',
          exitCode: 3,
          message: expect.stringContaining('the parser things tried to'),
        });
        expect(String((error as Error).message)).not.toContain('hidden');
        expect(requests).toBe(0);
        expect(await at.rows('things')).toEqual([]);
        // The rest of the process has its network, during and after.
        expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });

    it('is open to others in the same process while a parser runs, and restored as it was', async () => {
      const [connectBefore, fetchBefore] = [http.Agent.prototype, globalThis.fetch];
      const guard = openNetworkGuard();
      const second = openNetworkGuard();
      expect(() => guard.run('p', () => fetch('http://127.0.0.1:1/'))).toThrow(
        /the parser p tried to fetch http:\/\/127.0.0.1:1/,
      );
      expect(
        guard.run('p', () => guard.outside(() => fetch('http://127.0.0.1:1/').catch(() => 'sent'))),
      ).toBeInstanceOf(Promise);
      guard.close();
      second.close();
      expect(http.Agent.prototype).toBe(connectBefore);
      await expect(globalThis.fetch('http://127.0.0.1:1/')).rejects.toThrow(/fetch failed/);
      void fetchBefore;
    });
  });
});
