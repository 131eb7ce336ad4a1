import { SeededRandom } from '../_kit/seeded-random.ts';
import type { MondayEmulatorOptions } from './contract.ts';
import { itemValues } from './item-values.ts';
import type { MondayBoard, MondayColumn, MondayItem, MondayTeam, MondayUser } from './types.ts';

const SITE = 'https://acme.monday.com';
const WORK = ['Rotate keys of', 'Patch', 'Review access to', 'Write a runbook for', 'Upgrade', 'Encrypt', 'Log out of'];
const THINGS = [
  'billing',
  'the gateway',
  'Grafana',
  'käse-service',
  'the "old" vault',
  'S3 exports',
  'SSO',
  'naïve cache',
];
const NAMES = ['Ada', 'Grace', 'Linus', 'Zoë', 'José', 'Barbara', 'Ken', 'Radia', 'Alan', 'Łukasz', 'Mary', 'Tim'];
const GROUPS = [
  { id: 'topics', title: 'To do' },
  { id: 'group_title', title: 'Done' },
];

/** All that the server holds; changed in place by its `changeX` alone, whose objects are new each time. */
export class World {
  readonly seed: number;
  /** Every change happens a second after the one before: no two share a time but on purpose. */
  clock: number;
  boards: MondayBoard[] = [];
  items: MondayItem[] = [];
  users: MondayUser[];
  teams: MondayTeam[];
  #nextItem = 7_000_000_001;

  constructor({ seed = 1, boards = 3, itemsPerBoard = 50, users = 12, teams = 3, now }: MondayEmulatorOptions) {
    this.seed = seed;
    this.clock = Date.parse(now ?? '2026-11-01T09:00:00Z');
    this.users = Array.from({ length: users }, (_, index) => this.#user(index));
    this.teams = Array.from({ length: teams }, (_, index) => this.#team(index));
    this.boards = Array.from({ length: boards }, (_, index) => this.#board(index));
    for (const [index, board] of this.boards.entries()) {
      const count = typeof itemsPerBoard === 'number' ? itemsPerBoard : (itemsPerBoard[index] ?? 0);
      for (let made = 0; made < count; made += 1) this.addItem(board, this.clock - this.#ageMs(index, made));
    }
  }

  addItem(board: MondayBoard, atMs: number): MondayItem {
    const id = String(this.#nextItem);
    this.#nextItem += 1;
    const random = new SeededRandom(this.seed, 'item', id);
    const item: MondayItem = {
      id,
      name: `${random.pick(WORK)} ${random.pick(THINGS)}`,
      state: 'active',
      url: `${SITE}/boards/${board.id}/pulses/${id}`,
      created_at: instant(atMs - random.int(0, 400) * 3_600_000),
      updated_at: instant(atMs),
      creator_id: random.pick(this.users).id,
      board: { id: board.id },
      group: random.pick(GROUPS),
      parent_item: null,
      column_values: itemValues(board.columns, this, random),
    };
    this.items.push(item);
    return item;
  }

  /** The item with other values, a second later than all before. */
  changeItem(item: MondayItem, shareTime: boolean): MondayItem {
    if (!shareTime) this.tick();
    const random = new SeededRandom(this.seed, 'change', item.id, this.clock);
    const board = this.boards.find(({ id }) => id === item.board.id);
    const changed = {
      ...item,
      name: `${item.name.replace(/ #\d+$/, '')} #${random.int(1, 99_999)}`,
      updated_at: instant(this.clock),
      column_values: itemValues(board?.columns ?? [], this, random),
    };
    this.items = this.items.map((old) => (old.id === item.id ? changed : old));
    return changed;
  }

  tick(): void {
    this.clock += 1000;
  }

  /** Most items are old, some were changed in the last days. */
  #ageMs(board: number, made: number): number {
    const random = new SeededRandom(this.seed, 'age', board, made);
    return random.chance(0.1)
      ? random.int(60, 3 * 86_400) * 1000
      : random.int(3, 700) * 86_400_000 + random.int(0, 86_399) * 1000;
  }

  #board(index: number): MondayBoard {
    const random = new SeededRandom(this.seed, 'board', index);
    const id = String(1_200_000_001 + index);
    return {
      id,
      name: `Security work ${index + 1}`,
      description: index === 0 ? null : 'What is left to do',
      state: 'active',
      type: 'board',
      board_kind: random.pick(['public', 'private', 'share'] as const),
      url: `${SITE}/boards/${id}`,
      items_count: 0,
      created_at: '2024-03-01T08:00:00Z',
      updated_at: instant(this.clock),
      workspace_id: index === 0 ? null : '900001',
      workspace: index === 0 ? null : { id: '900001', name: 'Platform' },
      columns: columnsOf(index),
      groups: GROUPS,
      owners: [{ id: random.pick(this.users).id }],
    };
  }

  #user(index: number): MondayUser {
    const random = new SeededRandom(this.seed, 'user', index);
    const name = `${NAMES[index % NAMES.length] ?? ''} ${index + 1}`;
    const status =
      index === 0
        ? 'ACTIVE'
        : random.weighted([
            ['ACTIVE', 8],
            ['INACTIVE', 1],
            ['PENDING', 1],
          ] as const);
    return {
      id: String(50_000_001 + index),
      name,
      email: `user${index + 1}@example.com`,
      kind: index === 0 ? 'admin' : random.pick(['member', 'guest', 'viewer']),
      status,
      is_deleted: false,
      title: '',
      created_at: '2024-02-01T08:00:00Z',
      became_active_at: status === 'PENDING' ? null : '2024-02-02T08:00:00Z',
      last_activity: status === 'PENDING' ? null : '2026-10-30T08:00:00Z',
      url: `${SITE}/users/${50_000_001 + index}`,
      time_zone_identifier: 'Europe/Berlin',
    };
  }

  #team(index: number): MondayTeam {
    const random = new SeededRandom(this.seed, 'team', index);
    const users = random.sample(this.users, 4).map(({ id }) => ({ id }));
    const owners = users.slice(0, 1);
    return {
      id: String(600_001 + index),
      name: `Team ${index + 1}`,
      is_guest: false,
      created_at: '2024-02-03',
      owners,
      users,
    };
  }
}

/** Ids of columns are a matter of each board; the first board has monday's old short ones. */
function columnsOf(index: number): readonly MondayColumn[] {
  const id = (short: string, made: string): string => (index === 0 ? short : `${made}_mk${index}abc`);
  const column = (columnId: string, title: string, type: string): MondayColumn => {
    return { id: columnId, title, type, description: null, archived: false, settings: {} };
  };
  return [
    column('name', 'Name', 'name'),
    column(id('person', 'multiple_person'), 'Owner', 'people'),
    column(id('priority', 'color_1'), 'Priority', 'status'),
    column(id('status', 'color'), 'Status', 'status'),
    column(id('tags', 'tag'), 'Tags', 'tags'),
    column(id('dropdown', 'dropdown'), 'Area', 'dropdown'),
    column(id('long_text', 'long_text'), 'Description', 'long_text'),
    column(id('numbers', 'numeric'), 'Hours', 'numbers'),
    ...(index % 2 === 0 ? [column(id('item_id', 'pulse_id'), 'Item ID', 'item_id')] : []),
  ];
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
