import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ItemServer {
  readonly url: string;
  readonly requests: string[];
  /** How many items there are. May grow; `touch` makes the first ones newer. */
  count: number;
  /** Runs before each answer: holds it, or takes it over by returning true. */
  before: (request: IncomingMessage, response: ServerResponse) => Promise<boolean> | boolean;
  close(): Promise<void>;
}

const PAGE = 100;
const START = Date.UTC(2026, 0, 1);

/** Item number n, whose time grows with n. */
export function itemOf(n: number): { readonly id: string; readonly at: string; readonly size: number } {
  return { id: `i${n}`, at: new Date(START + n * 1000).toISOString(), size: n };
}

/** Serves `/items`, oldest first, 100 a page, from `since` on. */
export async function startItemServer(count: number): Promise<ItemServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      requests.push(request.url ?? '');
      if (await own.before(request, response)) return;
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const page = Number(searchParams.get('page') ?? 0);
      const since = searchParams.get('since');
      const first = since === null ? 0 : Math.max(0, Math.ceil((Date.parse(since) - START) / 1000));
      const from = first + page * PAGE;
      const to = Math.min(own.count, from + PAGE);
      const data = Array.from({ length: Math.max(0, to - from) }, (_, index) => itemOf(from + index));
      const next = to < own.count ? `/items?page=${page + 1}` : null;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data, next }));
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  const own: ItemServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    count,
    before: () => false,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return own;
}
