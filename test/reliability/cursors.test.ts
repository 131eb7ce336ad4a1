import { expect, test } from 'vitest';
import type { PageRequest } from '../../src/model/http.ts';
import { bodyCursor } from '../../src/pagination/body-cursor.ts';
import { storedRecords } from '../../src/runtime/dataset/datasets.ts';
import { faulty, range, type StreamRig, streamRig } from '../faults/stream-rig.ts';
import { SEED, seeded } from './seeded.ts';

/** SASSY_TRIALS=200: the numbers of the plan. */
const TRIALS = Number(process.env['SASSY_TRIALS'] ?? 4);
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const PAGE = 5;

interface Row {
  readonly id: number;
  /** Missing, null or no time where the case is about that. */
  at: unknown;
  version: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Rows by time and id from `since` on, by a token that names the last row; `change` runs after each answer. */
function rowsServer(rows: Row[], nowMs: () => number, change: () => void = () => undefined) {
  const place = ({ at, id }: Row): string => `${String(at)} ${String(id).padStart(9, '0')}`;
  return faulty((request) => {
    const { searchParams } = new URL(request.url, 'http://localhost');
    const [since, after] = ['since', 'cursor'].map((name) => searchParams.get(name) ?? '');
    const all = rows.filter((row) => typeof row.at !== 'string' || row.at >= (since ?? ''));
    const left = all.sort((a, b) => (place(a) < place(b) ? -1 : 1)).filter((row) => place(row) > (after ?? ''));
    const data = left.slice(0, PAGE).map((row) => ({ ...row }));
    const last = left[PAGE - 1];
    const next = last === undefined || left.length === PAGE ? null : place(last);
    const headers = { date: new Date(nowMs()).toUTCString() };
    change();
    return { headers, json: { data, next } };
  });
}

const source = {
  request: ({ since }: { readonly since: string | undefined }): PageRequest => ({ path: '/things', query: { since } }),
  records: '/data',
  paginator: bodyCursor({ from: '/next', to: 'cursor' }),
};

/** The newest version of each key. */
async function versions(rig: StreamRig): Promise<Readonly<Record<number, number>>> {
  const raw = await rig.open();
  const found: Record<number, number> = {};
  for await (const { record } of storedRecords(raw, rig.definition, { upTo: raw.head?.number ?? 0 })) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the records are this file's own
    const { id, version } = record as Row;
    found[id] = version;
  }
  return found;
}

const truth = (rows: readonly Row[]): Readonly<Record<number, number>> =>
  Object.fromEntries(rows.map(({ id, version }) => [id, version]));

test(`D12: ${TRIALS} runs while rows are updated: each newest version is there after the next run`, async () => {
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const random = seeded(SEED + trial);
    let now = START + 60 * MINUTE;
    const rows = range(30).map((id): Row => ({ id, at: iso(START + id * MINUTE), version: 1 }));
    let changes = 0;
    const server = await rowsServer(
      rows,
      () => now,
      () => {
        now += 1000;
        const row = rows[Math.floor(random() * rows.length)];
        if (changes >= 12 || row === undefined) return;
        changes += 1;
        row.at = iso(now);
        row.version += 1;
      },
    );
    const rig = await streamRig(server, source, { stream: { cursor: 'at' } });
    for (let runs = 0; runs < 4; runs += 1) expect((await rig.run()).error).toBeUndefined();
    expect(changes).toBe(12);
    await rig.run();
    expect(await versions(rig), `seed ${SEED + trial}`).toEqual(truth(rows));
    expect((await rig.run()).result.records, `seed ${SEED + trial}`).toBe(0);
  }
}, 300_000);

test(`D13: ${TRIALS} lists with equal times over the edges of pages, stopped anywhere: none lost, none twice`, async () => {
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const random = seeded(SEED + trial);
    const times = 1 + Math.floor(random() * 4);
    const rows = range(37).map((id): Row => ({
      id,
      at: iso(START + Math.floor(random() * times) * MINUTE),
      version: 1,
    }));
    const server = await rowsServer(rows, () => START + 60 * MINUTE);
    const sorted = random() < 0.5 ? ({ sorted: 'asc' } as const) : {};
    const rig = await streamRig(server, source, { stream: { cursor: 'at', ...sorted } });
    let records = 0;
    for (;;) {
      const run = await rig.run({ maxPages: 1 + Math.floor(random() * 3) });
      expect(run.error).toBeUndefined();
      records += run.result.records;
      if (run.result.status === 'complete') break;
    }
    rows.push({ id: 100, at: rows.at(-1)?.at, version: 1 });
    const last = await rig.run();
    expect(last.ids, `seed ${SEED + trial}`).toEqual([...range(37), 100]);
    expect(records + last.result.records, `seed ${SEED + trial}`).toBe(38);
  }
}, 300_000);

test(`D14: ${TRIALS} lists with times that are missing, null or no time: an error with the record; nothing is passed over`, async () => {
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const random = seeded(SEED + trial);
    const odd = [undefined, null, '', 'yesterday', 17, true];
    const rows = range(23).map((id): Row => {
      const at = random() < 0.2 ? odd[Math.floor(random() * odd.length)] : iso(START + id * MINUTE);
      return { id, at, version: 1 };
    });
    const server = await rowsServer(rows, () => START + 60 * MINUTE);
    const rig = await streamRig(server, source, { stream: { cursor: 'at' } });
    const first = await rig.run();
    const isWhole = rows.every(({ at }) => typeof at === 'string' && at.endsWith('Z'));
    expect(first.error?.code, `seed ${SEED + trial}`).toBe(isWhole ? undefined : 'API_WRONG_ANSWER');
    if (!isWhole) expect(`${first.error?.message} ${first.error?.why}`).toMatch(/no time at \/at.*record \d+ has/);
    // Once the rows are given times, each is there: the error has moved no position over any.
    for (const row of rows) if (typeof row.at !== 'string' || !row.at.endsWith('Z')) row.at = iso(START + 25 * MINUTE);
    rows.push({ id: 100, at: iso(START + 30 * MINUTE), version: 1 });
    expect((await rig.run()).ids, `seed ${SEED + trial}`).toEqual([...range(23), 100]);
  }
}, 300_000);

test('D14: times that go down, or up and down, where the stream promises the order: an error that names the rule', async () => {
  for (const order of [(a: number, b: number) => b - a, (a: number, b: number) => (a % 7) - (b % 7)]) {
    const data = [...range(20)].sort(order).map((id) => ({ id, at: iso(START + id * MINUTE) }));
    const server = await faulty(() => ({ json: { data, next: null } }));
    const run = await (await streamRig(server, source, { stream: { cursor: 'at', sorted: 'asc' } })).run();
    expect(run.result.status).toBe('failed');
    expect(`${run.error?.message} ${run.error?.why}`).toMatch(/sorted|order/);
    // Without the promise the same list is read well.
    const calm = await (await streamRig(server, source, { stream: { cursor: 'at' } })).run();
    expect(calm.ids).toEqual(range(20));
  }
});

test('D15: times of the year 9999 and of tomorrow: what comes later is found all the same', async () => {
  for (const far of ['9999-12-31T23:59:59.999Z', '2300-01-01T00:00:00.000Z', iso(START + 48 * 60 * MINUTE)]) {
    for (const sorted of [{}, { sorted: 'asc' } as const]) {
      const rows = range(12).map((id): Row => ({ id, at: iso(START + id * MINUTE), version: 1 }));
      rows.push({ id: 50, at: far, version: 1 });
      let now = START + 60 * MINUTE;
      const server = await rowsServer(rows, () => now);
      const rig = await streamRig(server, source, { stream: { cursor: 'at', ...sorted } });
      expect((await rig.run()).ids).toEqual([...range(12), 50]);
      now += 60 * MINUTE;
      rows.push({ id: 100, at: iso(now - MINUTE), version: 1 });
      expect((await rig.run()).ids, far).toEqual([...range(12), 50, 100]);
    }
  }
});
