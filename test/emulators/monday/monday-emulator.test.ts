import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMondayEmulator, type MondayEmulator } from './monday-emulator.ts';

describe('the emulator of monday.com', () => {
  let emulator: MondayEmulator;
  beforeAll(async () => {
    emulator = await startMondayEmulator({ boards: 2, itemsPerBoard: 30, users: 12 });
  });
  afterAll(() => emulator.close());

  // Answers are read freely here: their shape is what is being tested.
  /* oxlint-disable typescript/no-explicit-any -- see above */
  async function ask(query: string, variables: object = {}, server = emulator, token = server.token): Promise<any> {
    const response = await fetch(`${server.url}/v2`, {
      method: 'POST',
      headers: { authorization: token, 'content-type': 'application/json', 'api-version': '2026-10' },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, headers: response.headers, ...(JSON.parse(await response.text()) as object) };
  }

  it('wants the bare token', async () => {
    const errors = [{ message: 'Not authenticated', extensions: { code: 'NOT_AUTHENTICATED' } }];
    expect(await ask('{ me { id } }', {}, emulator, `Bearer ${emulator.token}`)).toMatchObject({ status: 401, errors });
    expect((await ask('{ me { id } }')).data.me.id).toBe(emulator.truth.users[0]?.id);
  });

  it('pages boards by number and items by cursor, in the order that was asked for', async () => {
    expect((await ask('{ boards(limit: 1, page: 2) { id } }')).data.boards).toEqual([
      { id: emulator.truth.boards[1]?.id },
    ]);
    const first =
      'query ($b: [ID!]) { boards(ids: $b) { items_page(limit: 20, query_params: { order_by: [{ column_id: "__last_updated__", direction: desc }] }) { cursor items { id updated_at } } } }';
    const board = emulator.truth.boards[0]?.id;
    const page = (await ask(first, { b: [board] })).data.boards[0].items_page;
    const next = 'query ($c: String!) { next_items_page(cursor: $c, limit: 20) { cursor items { id updated_at } } }';
    const rest = (await ask(next, { c: page.cursor })).data.next_items_page;
    expect(rest.cursor).toBeNull();
    const times = [...page.items, ...rest.items].map(({ updated_at }: { updated_at: string }) => updated_at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(times).toHaveLength(30);
    emulator.expireCursors();
    expect((await ask(next, { c: page.cursor })).errors[0].extensions.code).toBe('CursorExpiredError');
  });

  it('filters by whole days where the user lives', async () => {
    const far = await startMondayEmulator({ boards: 1, itemsPerBoard: 300, utcOffsetHours: 13 });
    const query =
      'query ($q: ItemsQuery) { boards { items_page(limit: 500, query_params: $q) { items { id updated_at } } } }';
    const rule = { column_id: '__last_updated__', compare_attribute: 'UPDATED_AT', operator: 'greater_than_or_equals' };
    const day = '2026-10-20';
    const found = (await ask(query, { q: { rules: [{ ...rule, compare_value: ['EXACT', day] }] } }, far)).data.boards[0]
      .items_page.items;
    const wanted = far.truth.items.filter(({ updated_at }) => updated_at >= '2026-10-19T11:00:00Z');
    expect(found).toHaveLength(wanted.length);
    await far.close();
  });

  it('refuses what the schema does not have, and more than 500 items', async () => {
    expect((await ask('{ users { is_admin } }')).errors[0].message).toBe(
      'Cannot query field "is_admin" on type "User".',
    );
    expect((await ask('{ boards(state2: all) { id } }')).errors[0].message).toContain('Unknown argument "state2"');
    expect((await ask('{ boards { items_page(limit: 501) { cursor } } }')).errors[0].message).toContain('500');
    expect((await ask('{ boards { id }')).errors[0].message).toContain('Syntax Error');
  });

  it('says what a query cost and what is left, and refuses when nothing is', async () => {
    const poor = await startMondayEmulator({ complexity: { points: 100, windowMs: 60_000 } });
    const query = '{ complexity { before after query reset_in_x_seconds } teams { id } }';
    const { complexity } = (await ask(query, {}, poor)).data;
    expect(complexity).toEqual({
      before: 100,
      after: 100 - complexity.query,
      query: complexity.query,
      reset_in_x_seconds: 60,
    });
    const costly = await ask(
      '{ boards { columns { id } groups { id } items_page(limit: 50) { items { id } } } }',
      {},
      poor,
    );
    expect(costly).toMatchObject({ status: 200, errors: [{ extensions: { code: 'COMPLEXITY_BUDGET_EXHAUSTED' } }] });
    expect(costly.headers.get('ratelimit')).toContain('"complexityMinute"');
    await poor.close();
  });

  it('is the same for the same seed, and changes are later than all before', async () => {
    const again = await startMondayEmulator({ boards: 2, itemsPerBoard: 30, users: 12 });
    expect(again.truth).toEqual(emulator.truth);
    const latest =
      again.truth.items
        .map(({ updated_at }) => updated_at)
        .toSorted()
        .at(-1) ?? '';
    expect(again.changeItems(10).every(({ updated_at }) => updated_at > latest)).toBe(true);
    expect(again.addItems(2)).toHaveLength(2);
    again.archiveItem(again.truth.items[0]?.id ?? '');
    expect(again.truth.items).toHaveLength(61);
    await again.close();
  });
});
