import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMondayEmulator, type MondayEmulator } from '../emulators/monday/monday-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';
import { expectedPerson, expectedProject, expectedWorkItem } from './expected-entities.ts';

/** By hand: `MONDAY_ITEMS=3400 vitest run test/monday/end-to-end.test.ts` reads a little over 10,000. */
const ITEMS_PER_BOARD = Number(process.env['MONDAY_ITEMS'] ?? 130);
const PAGE_SIZE = ITEMS_PER_BOARD > 1_000 ? 500 : 50;
const BOARDS = 3;
const ITEMS = ITEMS_PER_BOARD * BOARDS;
const ITEM_FIELDS = 'id name state url created_at updated_at creator_id board group parent_item column_values';

/** Every step goes on from the one before, as a user's day does. */
describe('monday.com from check to restream, against the emulator', () => {
  const place = workspace();
  let emulator: MondayEmulator;

  beforeAll(async () => {
    // The user lives far from UTC: what the API calls a day is not ours.
    emulator = await startMondayEmulator({
      boards: BOARDS,
      itemsPerBoard: ITEMS_PER_BOARD,
      users: 230,
      utcOffsetHours: -8,
    });
  });
  afterAll(async () => {
    await emulator.close();
    place.remove();
  });

  const monday = (args: string): Promise<CliAnswer> =>
    runCli(['run', 'monday', ...args.split(' '), '--json'], {
      cwd: place.folder,
      env: {
        SASSY_MONDAY__TOKEN: emulator.token,
        SASSY_MONDAY__BASE_URL: emulator.url,
        SASSY_MONDAY__PAGE_SIZE: String(PAGE_SIZE),
      },
    });
  /** Without the secret, and with nobody listening where the API was. */
  const offline = (args: string): Promise<CliAnswer> =>
    runCli(['run', 'monday', ...args.split(' '), '--json'], { cwd: place.folder });

  it('check: the login works and every stream is readable', async () => {
    const answer = await monday('check');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().checks.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, true, true]);
    expect(answer.json().streams).toEqual(
      ['boards', 'users', 'teams', 'items'].map((name) => ({ name, readable: true })),
    );
  });

  it('stream: every record arrives, as the server has it, with the version in every request', async () => {
    emulator.clearRequests();
    const answer = await monday('stream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(recordsOf(answer)).toEqual({ boards: BOARDS, items: ITEMS, users: 230, teams: 3 });
    await expectRaw('boards', 'items', 'users', 'teams');
    expect(new Set(emulator.requests.map(({ apiVersion }) => apiVersion))).toEqual(new Set(['2026-10']));
    expect(emulator.requests.filter(({ query }) => query.includes('items_page'))).toHaveLength(
      BOARDS * Math.ceil(ITEMS_PER_BOARD / PAGE_SIZE),
    );
  });

  it('parse: one entity for each, field by field, without network or secret', async () => {
    const answer = await offline('parse');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers.map(({ entities, quarantined }: Parsed) => [entities.added, quarantined])).toEqual([
      [BOARDS, 0],
      [ITEMS, 0],
      [230, 0],
    ]);
    await expectEntities('Project', 'WorkItem', 'Person');
  });

  it('stream again: a request for each board, and nothing new', async () => {
    emulator.clearRequests();
    const answer = await monday('stream --streams items');
    expect(answer.code, answer.stderr).toBe(0);
    expect(recordsOf(answer)).toEqual({ items: 0 });
    const asked = emulator.requests.filter(({ query }) => query.includes('items_page'));
    expect(asked.every(({ variables }) => JSON.stringify(variables).includes('"__last_updated__"'))).toBe(true);
    expect(asked).toHaveLength(BOARDS);
  });

  it('after 50 items changed: exactly those are fetched, and parse reports them changed', async () => {
    expect(emulator.changeItems(50)).toHaveLength(50);
    expect(recordsOf(await monday('stream --streams items'))).toEqual({ items: 50 });
    const parsed = await offline('parse');
    expect(parsed.json().parsers[1].inputs.items).toBe(50);
    expect(parsed.json().parsers[1].entities).toEqual({ added: 0, changed: 50, unchanged: 0, archived: 0 });
    await Promise.all([expectRaw('items'), expectEntities('WorkItem')]);
  });

  it('new items are added; a board that is gone and people who changed are seen', async () => {
    emulator.addItems(7, 1);
    emulator.changeUsers(2);
    emulator.archiveBoard(emulator.truth.boards[2]?.id ?? '');
    expect(recordsOf(await monday('stream')).items).toBe(7);
    const [projects, workItems, people] = (await offline('parse'))
      .json()
      .parsers.map(({ entities }: Parsed) => entities);
    expect(projects).toMatchObject({ added: 0, changed: 0, archived: 1 });
    expect(workItems).toMatchObject({ added: 7, changed: 0 });
    expect(people).toMatchObject({ added: 0, changed: 2, unchanged: 228 });
    expect((await offline('show items --all')).lines()).toHaveLength(ITEMS + 50 + 7);
  });

  it('restream: a new generation with the same entities, and not one request', async () => {
    emulator.clearRequests();
    const answer = await offline('restream');
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.json().parsers[1]).toMatchObject({
      generation: 2,
      entities: { added: 0, changed: 0, unchanged: ITEMS + 7 },
    });
    expect(emulator.requests).toEqual([]);
  });

  it('--since takes all items that changed from then on, whatever the time zone of the user', async () => {
    const since = '2026-10-30T00:00:00Z';
    const expected = emulator.truth.items.filter(({ updated_at }) => updated_at >= since);
    const answer = await runCli(['run', 'monday', 'stream', '--streams', 'boards,items', '--since', since, '--json'], {
      cwd: workspaceOf(place.folder),
      env: { SASSY_MONDAY__TOKEN: emulator.token, SASSY_MONDAY__BASE_URL: emulator.url },
    });
    expect(answer.code, answer.stderr).toBe(0);
    expect(recordsOf(answer).items).toBe(expected.length);
  });

  async function expectRaw(...streams: readonly ('boards' | 'items' | 'users' | 'teams')[]): Promise<void> {
    const { truth } = emulator;
    await Promise.all(
      streams.map(async (stream) => {
        const shown = byId((await offline(`show ${stream}`)).lines());
        const expected = byId(truth[stream]);
        expect(Object.keys(shown), stream).toEqual(Object.keys(expected));
        // What was asked for is what the server has; it has more than was asked for.
        expect(expected, stream).toMatchObject(shown);
        const fields = new Set(Object.values(shown).flatMap((record) => Object.keys(record)));
        if (stream === 'items') expect([...fields].join(' ')).toBe(ITEM_FIELDS);
      }),
    );
  }

  async function expectEntities(...names: readonly ('Project' | 'WorkItem' | 'Person')[]): Promise<void> {
    const { boards, items, users } = emulator.truth;
    const boardOf = Object.fromEntries(boards.map((board) => [board.id, board]));
    const expected = {
      Project: boards.map(expectedProject),
      Person: users.map(expectedPerson),
      WorkItem: items.flatMap((item) => {
        const board = boardOf[item.board.id];
        return board === undefined ? [] : [expectedWorkItem(item, board)];
      }),
    };
    await Promise.all(
      names.map(async (name) => {
        expect(byId((await offline(`show ${name}`)).lines()), name).toEqual(byId(expected[name]));
      }),
    );
  }
});

interface Parsed {
  readonly entities: Readonly<Record<string, number>>;
  readonly quarantined: number;
}

function recordsOf(answer: CliAnswer): Record<string, number> {
  return Object.fromEntries(
    answer.json().streams.map(({ name, records }: { name: string; records: number }) => [name, records]),
  );
}

/** A second connection's data beside the first: nothing is known there yet. */
function workspaceOf(folder: string): string {
  return mkdtempSync(join(folder, 'since-'));
}

function byId(list: readonly object[]): Readonly<Record<string, object>> {
  const pairs = list.map((item) => ['id' in item ? String(item.id) : '', item] as const);
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
