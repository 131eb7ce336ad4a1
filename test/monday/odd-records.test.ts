import { describe, expect, it } from 'vitest';
import { Person, Project, WorkItem } from '../../integrations/_domain/security.ts';
import { CHANGED_AT, itemsOf } from '../../integrations/monday/answer.ts';
import { toPerson, toProject, toWorkItem } from '../../integrations/monday/mapping.ts';
import { Board, Item, User } from '../../integrations/monday/schema.ts';

describe('records of other versions and odd ones', () => {
  it('an item of which only the id is there', () => {
    const item = toWorkItem(Item.parse({ id: 7 }));
    expect(WorkItem.parse(item)).toMatchObject({
      id: '7',
      key: '7',
      title: '7',
      status: null,
      done: false,
      labels: [],
    });
  });

  it('values that are null, of another type or broken', () => {
    const column_values = [
      null,
      { id: 'status', type: 'color', text: 'Done', value: '{"index":1' },
      {
        id: 'person',
        type: 'multiple-person',
        text: null,
        value: '{"personsAndTeams":[{"id":4,"kind":"team"},{"id":5,"kind":"person"}]}',
      },
      { id: 'tags', type: 'tag', text: 'a, b', value: 7 },
      { id: 'long_text4', text: 12, value: '{"text":"from the value"}' },
      { id: 'x', type: null, text: null, value: null },
      'no object',
    ];
    const item = toWorkItem(
      Item.parse({
        id: '1',
        name: null,
        state: 'active',
        created_at: '2019-08-01 12:21:41 UTC',
        updated_at: 'yesterday',
        board: null,
        column_values,
      }),
    );
    expect(WorkItem.parse(item)).toMatchObject({
      done: true,
      status: 'Done',
      assigneeId: '5',
      labels: ['a', 'b'],
      description: 'from the value',
      createdAt: '2019-08-01T12:21:41.000Z',
      updatedAt: null,
      projectId: null,
    });
  });

  it('people before 2026-10', () => {
    const old = {
      id: 4012689,
      name: 'A',
      email: null,
      is_admin: false,
      is_guest: true,
      enabled: true,
      is_pending: false,
    };
    expect(Person.parse(toPerson(User.parse(old)))).toMatchObject({ id: '4012689', kind: 'guest', active: true });
    expect(Person.parse(toPerson(User.parse({ id: '1', enabled: false })))).toMatchObject({ name: '1', active: false });
  });

  it('a board of the main workspace, and one that is archived', () => {
    const board = { id: '1', name: 'B', workspace_id: null, workspace: null, state: 'archived', columns: null };
    expect(Project.parse(toProject(Board.parse(board)))).toMatchObject({ orgId: null, active: false, kind: 'board' });
  });
});

describe('where items lie', () => {
  const item = { id: '1', updated_at: '2026-01-02T00:00:00Z' };

  it.each([
    ['of a board', { boards: [{ items_page: { cursor: null, items: [item] } }] }],
    ['after a cursor', { next_items_page: { cursor: null, items: [item] } }],
    ['of a group', { boards: [{ groups: [{ items_page: { cursor: 'x', items: [item] } }] }] }],
    ['of a root query', { items: [item] }],
    ['of a board, before 2023-10', { boards: [{ items: [item] }] }],
    ['below their parents', { items: [{ subitems: [item] }] }],
    ['found by values', { items_page_by_column_values: { cursor: null, items: [item] } }],
  ])('%s', (_name, data) => {
    expect(itemsOf({ data })).toEqual([item]);
  });

  it('an item without a time is kept, has a time for the cursor alone, and stays what it was', () => {
    const [found] = itemsOf({
      data: { since_20260101000000: 'Query', boards: [{ items_page: { items: [{ id: '1' }] } }] },
    });
    expect(JSON.stringify(found)).toBe('{"id":"1"}');
    expect(Reflect.get(Object(found), CHANGED_AT)).toBe('1970-01-01T00:00:00Z');
  });

  it('items before the time that was asked for do not count', () => {
    const old = { id: '2', updated_at: '2025-12-31T23:59:59Z' };
    expect(itemsOf({ data: { since_20260101000000: 'Query', next_items_page: { items: [old, item] } } })).toEqual([
      item,
    ]);
  });

  it('a board that is gone has none; an answer without a list is an error', () => {
    expect(itemsOf({ data: { boards: [] } })).toEqual([]);
    expect(() => itemsOf({ data: { boards: [{ id: '1' }] } })).toThrow('no list of items');
    expect(() => itemsOf({})).toThrow('no list of items');
  });
});
