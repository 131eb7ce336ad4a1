import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ItemServer, itemOf, startItemServer } from './item-server.ts';
import { canonical, oddJson, type OddJson } from './odd-json.ts';
import { ITEMS, project, type Project } from './project.ts';
import { SEED, seeded } from './seeded.ts';
import { storedEntities, storedRaw } from './stored.ts';

/** SASSY_RECORDS=1000000 for the nightly size. */
const RECORDS = Number(process.env['SASSY_RECORDS'] ?? 10_000);
const PER_PAGE = 1000;
const ZONES = RECORDS > 10_000 ? ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'] : ['Pacific/Apia'];

const INTEGRATION = ITEMS.replace(
  'size: z.number() });\nexport default',
  'size: z.number(), payload: z.unknown(), day: z.coerce.date(), clean: z.boolean() });\nexport default',
).replace(
  'for await (const { id, size } of items) yield { id, size };',
  'for await (const { id, size, payload, at } of items) yield { id, size, payload, day: at, clean: ({} as any).polluted === undefined && Object.keys(Object.prototype).length === 0 };',
);

/** P1, P2, P4, P6, P7, P8: what vendors send is kept to the byte, and no parser or sink is misled by it. */
describe('odd payloads', () => {
  let server: ItemServer;
  let place: Project;
  const records: OddJson[] = [];
  const bodies: string[] = [];
  beforeAll(async () => {
    const random = seeded(SEED);
    for (let n = 0; n < RECORDS; n += 1) records.push(oddJson(random));
    const pages = Math.ceil(RECORDS / PER_PAGE);
    for (let page = 0; page < pages; page += 1) {
      const data = records.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map(({ text }, index) => {
        const { id, at, size } = itemOf(page * PER_PAGE + index);
        return `{"id":"${id}", "at":"${at}","size":${size} ,"payload":${text}}`;
      });
      bodies.push(`{"next":${page + 1 < pages ? `"/items?page=${page + 1}"` : 'null'}, "data":[${data.join(', ')}] }`);
    }
    server = await startItemServer(0);
    server.before = (request, response) => {
      const page = Number(new URL(request.url ?? '', server.url).searchParams.get('page') ?? 0);
      response.setHeader('content-type', 'application/json');
      response.end(bodies[page]);
      return true;
    };
    place = project({ integration: INTEGRATION, baseUrl: server.url, sinks: ['jsonl', 'duckdb'] });
  });
  afterAll(async () => {
    place.remove();
    await server.close();
  });

  it(`${RECORDS} records: raw is what was sent, to the byte`, { timeout: 600_000 }, async () => {
    const answer = await place.run('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect((await storedRaw(place)).bodies.every((body, index) => body === bodies[index])).toBe(true);
  });

  it('parsed into two sinks: nothing rounded, nothing polluted, none left out', { timeout: 600_000 }, async () => {
    const answer = await place.run('parse');
    expect(answer.code, answer.stderr).toBe(0);
    const want = new Map(records.map(({ read }, n) => [itemOf(n).id, canonical(JSON.parse(read, wellFormed))]));
    for (const sink of ['jsonl', 'duckdb'] as const) {
      const { rows } = await storedEntities(place, sink);
      expect(rows).toHaveLength(RECORDS);
      const wrong = rows.filter(
        ({ id, payload, clean }) => clean !== true || canonical(payload ?? null) !== want.get(String(id)),
      );
      const length = (row: unknown): number => JSON.stringify(row).length;
      const [first] = wrong.toSorted((a, b) => length(a) - length(b));
      expect(wrong.length, `seed ${SEED}: ${sink}: ${canonical(first)}\n${want.get(String(first?.['id']))}`).toBe(0);
    }
  });

  it('restreams are the same to the byte in any time zone', { timeout: 600_000 }, async () => {
    const before = await storedEntities(place, 'duckdb');
    for (const TZ of ZONES) {
      const answer = await place.run('restream', { env: { TZ } });
      expect(answer.code, answer.stderr).toBe(0);
      for (const sink of ['jsonl', 'duckdb'] as const) {
        const { rows } = await storedEntities(place, sink);
        expect(JSON.stringify(rows) === JSON.stringify(before.rows), `${TZ} ${sink}`).toBe(true);
      }
    }
  });
});

/** Sinks hold well-formed text: half a surrogate pair is U+FFFD there (docs/sinks.md). */
function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}
