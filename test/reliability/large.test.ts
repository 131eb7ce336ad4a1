import { statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { answerOf, type CliAnswer } from '../support/cli.ts';
import { type ItemServer, itemOf, startItemServer } from './item-server.ts';
import { watchGrowth, watchMemory } from './memory.ts';
import { ITEMS, project, type Project } from './project.ts';

/** SASSY_PAGES=100000 and SASSY_HUGE_MIB=200: the sizes of the plan; SASSY_PAGES=1000000 the one for the night. */
const PAGES = Number(process.env['SASSY_PAGES'] ?? 3000);
const FEW_PAGES = 1000;
/** What tells a list that goes round keeps 12 bytes of each page in a table that doubles, and a half while it does. */
const BYTES_PER_PAGE = 36;
/** By itself the space for young objects grows by 150 MiB in the first 200,000 pages, and hides what is kept. */
const SMALL_YOUNG_SPACE = ['--max-semi-space-size=4'];
const HUGE_MIB = Number(process.env['SASSY_HUGE_MIB'] ?? 24);
const MIB = 1024 * 1024;
/** Not plain ASCII, so that a reader that counts characters is found out. */
const PIECE = 'é1'.repeat(MIB / 4);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** D19, D20: what is large is read in bounded memory, or refused by its name. */
describe('large', () => {
  let server: ItemServer;
  beforeAll(async () => {
    server = await startItemServer(0);
  });
  afterAll(() => server.close());

  /** One page with one record of so many MiB, sent in pieces; until the other side has had enough. */
  async function sendHuge(response: ServerResponse, mib: number): Promise<void> {
    const { id, at, size } = itemOf(1);
    const piece = PIECE + 'x'.repeat(MIB - Buffer.byteLength(PIECE));
    function* pieces(): Generator<string> {
      yield `{"data":[{"id":"${id}","at":"${at}","size":${size},"text":"`;
      for (let count = 0; count < mib; count += 1) yield piece;
      yield '"}],"next":null}';
    }
    response.setHeader('content-type', 'application/json');
    await pipeline(Readable.from(pieces()), response).catch(() => undefined);
  }

  async function watched(
    at: Project,
    args: string,
    { pages = () => 0, nodeFlags = [] }: { readonly pages?: () => number; readonly nodeFlags?: readonly string[] } = {},
  ): Promise<{ answer: CliAnswer; mib: number; ms: number; growth: number }> {
    const started = performance.now();
    const child = at.start(args, { nodeFlags });
    const memory = watchMemory(child);
    const growth = watchGrowth(child, pages, 100_000);
    const answer = await answerOf(child);
    return { answer, mib: memory(), ms: Math.round(performance.now() - started), growth: growth() };
  }

  function projectWith(maxBodyMib: number | undefined): Project {
    const room = maxBodyMib === undefined ? '' : `, maxBodyBytes: ${maxBodyMib * MIB}`;
    const integration = ITEMS.replace("'https://api.acme.example'", `$&${room}`);
    return project({ integration, baseUrl: server.url });
  }

  it(`a record of ${HUGE_MIB} MiB is stored to the byte and parsed`, { timeout: 300_000 }, async () => {
    const place = projectWith(HUGE_MIB >= 64 ? HUGE_MIB + 1 : undefined);
    server.before = async (_request, response) => {
      await sendHuge(response, HUGE_MIB);
      return true;
    };
    try {
      const streamed = await watched(place, 'stream');
      expect(streamed.answer.code, streamed.answer.stderr).toBe(0);
      const raw = await openRawStream(fileBlobStore(nodeHost(), place.data), 'items');
      for await (const { body } of raw.pages()) {
        if (body.kind !== 'json') throw new Error('no JSON');
        const text = body.text;
        expect(Buffer.byteLength(text)).toBeGreaterThan(HUGE_MIB * MIB);
        const from = text.indexOf('"text":"') + '"text":"'.length;
        const length = PIECE.length + MIB - Buffer.byteLength(PIECE);
        for (let index = 0; index < HUGE_MIB; index += 1) {
          const start = from + index * length;
          if (text.slice(start, start + PIECE.length) !== PIECE) throw new Error(`piece ${index} is another`);
        }
        expect(text.slice(from + HUGE_MIB * length)).toBe('"}],"next":null}');
      }
      const parsed = await watched(place, 'parse');
      expect(parsed.answer.json().parsers).toMatchObject([{ name: 'things', entities: { added: 1 } }]);
      const [stream, parse] = [streamed, parsed].map(({ mib, ms }) => `${mib} MiB at most, ${ms} ms`);
      say(`record of ${HUGE_MIB} MiB: stream ${stream}; parse ${parse}`);
    } finally {
      place.remove();
    }
  });

  it('a record above the limit is refused by name, in bounded memory', { timeout: 120_000 }, async () => {
    const place = projectWith(8);
    server.before = async (_request, response) => {
      await sendHuge(response, 600);
      return true;
    };
    try {
      const { answer, mib } = await watched(place, 'stream');
      expect(answer.code, answer.stderr).toBe(5);
      const { error } = answer.json().streams[0];
      expect(error).toMatchObject({ code: 'API_WRONG_ANSWER' });
      expect(JSON.stringify(answer.json())).toContain('maxBodyBytes');
      expect(mib).toBeLessThan(400);
    } finally {
      place.remove();
    }
  });

  it('a limit that no text can have is refused when the integration is loaded', async () => {
    const place = projectWith(600);
    try {
      const answer = await place.run('stream');
      expect(answer.code).toBe(3);
      expect(answer.stdout + answer.stderr).toContain('maxBodyBytes');
    } finally {
      place.remove();
    }
  });

  it(
    `${PAGES} pages of one record: memory flat, few files, small commits`,
    { timeout: 120_000 + 8 * PAGES },
    async () => {
      const place = projectWith(undefined);
      place.save('none');
      let asked: number[] = [];
      let last = FEW_PAGES;
      server.before = (request, response) => {
        const page = Number(new URL(request.url ?? '', server.url).searchParams.get('page') ?? 0);
        asked.push(page);
        const next = page + 1 < last ? `/items?page=${page + 1}` : null;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ data: [itemOf(page)], next }));
        return true;
      };
      try {
        const few = await watched(place, 'stream');
        expect(few.answer.code, few.answer.stderr).toBe(0);
        place.restore('none');
        last = PAGES;
        asked = [];
        const many = await watched(place, `stream --max-pages ${Math.floor(PAGES * 0.9)}`, {
          pages: () => asked.length,
          nodeFlags: SMALL_YOUNG_SPACE,
        });
        expect(many.answer.code, many.answer.stderr).toBe(0);
        asked = [];
        const started = performance.now();
        const child = place.start('stream');
        const ended = answerOf(child);
        while (asked.length === 0) await new Promise((done) => setTimeout(done, 5));
        const resumed = Math.round(performance.now() - started);
        expect((await ended).code).toBe(0);
        // It goes on where it was left: no page is asked for twice.
        expect(asked[0]).toBe(Math.floor(PAGES * 0.9));
        expect(asked).toHaveLength(PAGES - Math.floor(PAGES * 0.9));
        const raw = await openRawStream(fileBlobStore(nodeHost(), place.data), 'items');
        expect(await raw.totals()).toMatchObject({ pages: PAGES, records: PAGES });
        const files = place.files();
        expect(files.length).toBeLessThanOrEqual(200);
        const sizes = files
          .filter((name) => name.includes('/commits/'))
          .map((file) => statSync(join(place.data, file)).size);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
        const stateBytes = Buffer.byteLength(JSON.stringify(await raw.state()));
        say(
          `${PAGES} pages: ${many.mib} MiB at most (${FEW_PAGES} pages: ${few.mib}), ${many.growth} MiB more for each 100,000, ${many.ms} ms, ${files.length} files, commits of ${Math.max(...sizes)} bytes at most, a state of ${stateBytes}, first request of the next run after ${resumed} ms`,
        );
        expect(many.mib - few.mib).toBeLessThanOrEqual(64 + (PAGES * BYTES_PER_PAGE) / MIB);
      } finally {
        place.remove();
      }
    },
  );
});
