import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { SeededRandom } from '../snyk/seeded-random.ts';
import { transmit, type Outgoing } from '../snyk/transmit.ts';
import { Api } from './api.ts';
import type { MondayEmulator, MondayEmulatorOptions, MondayFault, MondayRequestLog } from './contract.ts';
import { property } from './execute.ts';
import { FaultPlan } from './faults.ts';
import { ItemPages } from './items-page.ts';
import { Limits } from './limits.ts';
import type { MondayItem } from './types.ts';
import { World } from './world.ts';

export type { MondayEmulator, MondayEmulatorOptions } from './contract.ts';

type LogEntry = { -readonly [Key in keyof MondayRequestLog]: MondayRequestLog[Key] };

/** Serves monday.com's GraphQL API with invented data on 127.0.0.1, until `close`. */
export async function startMondayEmulator(options: MondayEmulatorOptions = {}): Promise<MondayEmulator> {
  const token = options.token ?? 'emulator-token';
  const world = new World(options);
  const nowMs = (): number => performance.now();
  const pages = new ItemPages(world, options.utcOffsetHours ?? 0, nowMs);
  const api = new Api(world, pages, new Limits(options, nowMs), token, options.errorFormat ?? 'new');
  const faults = new FaultPlan();
  let log: LogEntry[] = [];
  let count = 0;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?');
    const sent = jsonOf(await textOf(request));
    const query = property(sent, 'query');
    const variables = property(sent, 'variables');
    const apiVersion = request.headers['api-version'];
    count += 1;
    const entry: LogEntry = {
      method: request.method ?? '',
      path,
      query: typeof query === 'string' ? query : '',
      variables: isRecord(variables) ? variables : {},
      apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined,
      status: 0,
      at: count,
    };
    log.push(entry);
    const requestId = new SeededRandom(world.seed, 'request', entry.at).uuid();
    const fault = faults.take(entry.query);
    if (fault !== undefined && 'reset' in fault) {
      request.socket.destroy();
      return;
    }
    const { authorization } = request.headers;
    const outgoing = faultAnswer(fault) ?? {
      ...encoded(api.answer({ ...entry, authorization, requestId })),
      ...(fault !== undefined && 'truncate' in fault ? { truncate: fault.truncate } : {}),
    };
    entry.status = outgoing.status;
    const headers = { date: new Date(world.clock).toUTCString(), 'x-request-id': requestId };
    transmit(request, response, { ...outgoing, headers: { ...headers, ...outgoing.headers } });
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      const body = Buffer.from(`emulator bug: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      if (response.headersSent) response.destroy();
      else transmit(request, response, { status: 501, headers: { 'content-type': 'text/plain' }, body });
    });
  });
  const port = await listen(server, options.port ?? 0);

  const active = (): MondayItem[] => {
    const boards = new Set(world.boards.filter(({ state }) => state === 'active').map(({ id }) => id));
    return world.items.filter((item) => item.state === 'active' && boards.has(item.board.id));
  };
  const countOn = (board: string): number => active().filter((item) => item.board.id === board).length;

  return {
    url: `http://127.0.0.1:${port}`,
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
    get requests() {
      return log;
    },
    clearRequests: () => {
      log = [];
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
    failNext: (match, fault) => faults.add(match, fault),
    close: () => close(server),
  };
}

function faultAnswer(fault: MondayFault | undefined): Outgoing | undefined {
  if (fault === undefined || !('status' in fault)) return undefined;
  const { status, headers = {}, body = { errors: ['The emulator was told to fail.'] }, rawBody } = fault;
  const type = { 'content-type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: Buffer.from(rawBody ?? JSON.stringify(body)) };
}

function encoded({ status, headers, body }: ReturnType<Api['answer']>): Outgoing {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
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

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator listens on no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
