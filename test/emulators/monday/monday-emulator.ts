import type { LogStatus } from '../_kit/contract.ts';
import { type Call, startEmulator } from '../_kit/emulator.ts';
import { SeededRandom } from '../_kit/seeded-random.ts';
import { jsonAnswer } from '../_kit/transmit.ts';
import { Api } from './api.ts';
import type { MondayEmulator, MondayEmulatorOptions, MondayRequestLog } from './contract.ts';
import { property } from './execute.ts';
import { ItemPages } from './items-page.ts';
import { Limits } from './limits.ts';
import type { MondayItem } from './types.ts';
import { World } from './world.ts';

export type { MondayEmulator, MondayEmulatorOptions } from './contract.ts';

/** Serves monday.com's GraphQL API with invented data on 127.0.0.1, until `close`. */
export async function startMondayEmulator(options: MondayEmulatorOptions = {}): Promise<MondayEmulator> {
  const token = options.token ?? 'emulator-token';
  const world = new World(options);
  const nowMs = (): number => performance.now();
  const pages = new ItemPages(world, options.utcOffsetHours ?? 0, nowMs);
  const api = new Api(world, pages, new Limits(options, nowMs), token, options.errorFormat ?? 'new');
  const requestId = ({ at }: Call): string => new SeededRandom(world.seed, 'request', at).uuid();

  const kit = await startEmulator(
    {
      note: noteOf,
      faultText: (call) => noteOf(call).query,
      headers: (call) => ({
        'content-type': 'application/json',
        date: new Date(world.clock).toUTCString(),
        'x-request-id': requestId(call),
      }),
      refusal: () => ({ errors: ['The emulator was told to fail.'] }),
      answer(call) {
        const { authorization } = call.headers;
        const { status, headers, body } = api.answer({ ...noteOf(call), authorization, requestId: requestId(call) });
        return jsonAnswer(status, body, headers);
      },
    },
    options,
  );

  const active = (): MondayItem[] => {
    const boards = new Set(world.boards.filter(({ state }) => state === 'active').map(({ id }) => id));
    return world.items.filter((item) => item.state === 'active' && boards.has(item.board.id));
  };
  const countOn = (board: string): number => active().filter((item) => item.board.id === board).length;

  return {
    ...kit,
    token,
    get truth() {
      return {
        boards: world.boards
          .filter(({ state }) => state === 'active')
          .map((board) => ({ ...board, items_count: countOn(board.id) })),
        items: active(),
        users: world.users,
        teams: world.teams,
      };
    },
    // Every fifth shares its time with the one before.
    changeItems: (wanted) =>
      new SeededRandom(world.seed, 'pick', world.clock)
        .sample(active(), wanted)
        .map((item, index) => world.changeItem(item, index % 5 === 4)),
    addItems: (wanted, boardIndex) =>
      Array.from({ length: wanted }, (_, index) => {
        world.tick();
        const board = world.boards[boardIndex ?? index % world.boards.length];
        if (board === undefined) throw new RangeError(`there is no board ${String(boardIndex)}`);
        return world.addItem(board, world.clock);
      }),
    archiveItem: (id) => {
      world.items = world.items.map((item) => (item.id === id ? { ...item, state: 'archived' } : item));
    },
    archiveBoard: (id) => {
      world.boards = world.boards.map((board) => (board.id === id ? { ...board, state: 'archived' } : board));
    },
    changeUsers: (wanted) => {
      const picked = new Set(new SeededRandom(world.seed, 'users', world.clock).sample(world.users, wanted));
      world.users = world.users.map((user) => (picked.has(user) ? { ...user, name: `${user.name} Jr.` } : user));
      return world.users.filter(({ name }) => name.endsWith(' Jr.'));
    },
    expireCursors: () => pages.expireAll(),
    failNext: ({ query, ...times }, fault) => kit.failNext({ ...times, ...(query && { path: query }) }, fault),
  };
}

/** What a GraphQL request says: everything is in its body. */
function noteOf({ method, path, headers, body }: Call): Omit<MondayRequestLog, keyof LogStatus> {
  const sent = jsonOf(body);
  const query = property(sent, 'query');
  const variables = property(sent, 'variables');
  const apiVersion = headers['api-version'];
  return {
    method,
    path,
    query: typeof query === 'string' ? query : '',
    variables: isRecord(variables) ? variables : {},
    apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
