import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a client of 2024 and 2025 was answered by the real API; beside the repository, and not always there. */
export const FOLDER = resolve(import.meta.dirname, '../../../shared/data/monday');
export const hasRecordings = existsSync(FOLDER);

export interface Recorded {
  readonly file: string;
  readonly query: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // Recordings are read freely: what they hold is what is being tested.
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly body: any;
}

export function recorded(): readonly Recorded[] {
  if (!hasRecordings) return [];
  return ['monday_ruby-vcr', 'error-examples'].flatMap((folder) =>
    readdirSync(join(FOLDER, folder))
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .flatMap((file) => {
        const list: (Omit<Recorded, 'file' | 'query'> & { requestBody: { query?: string } | null })[] = JSON.parse(
          readFileSync(join(FOLDER, folder, file), 'utf8'),
        );
        return list.map((one) => ({ ...one, file, query: one.requestBody?.query ?? '' }));
      }),
  );
}

/** Every list of a board's items: a first page and those that its cursors lead to. */
export interface Chain {
  readonly file: string;
  readonly board: string;
  readonly pages: readonly { readonly cursor: string | null; readonly items: readonly { readonly id: string }[] }[];
}

export function itemChains(all: readonly Recorded[]): readonly Chain[] {
  const pages = all.filter(({ status, body }) => status === 200 && body?.data?.boards?.[0]?.items_page !== undefined);
  const cursorOf = (query: string): string | undefined => /cursor: "([^"]+)"/.exec(query)?.[1];
  return pages
    .filter(({ query }) => cursorOf(query) === undefined)
    .map(({ file, query, body }) => {
      const chain = [body.data.boards[0].items_page];
      for (let next = follow(chain); next !== undefined; next = follow(chain)) chain.push(next);
      return { file, board: /ids: \["?(\d+)/.exec(query)?.[1] ?? '', pages: chain };
    });

  function follow(chain: Chain['pages'][number][]): Chain['pages'][number] | undefined {
    const cursor = chain.at(-1)?.cursor;
    if (cursor === null || cursor === undefined) return undefined;
    return pages.find(({ query }) => cursorOf(query) === cursor)?.body.data.boards[0].items_page;
  }
}

/** Answers queries for boards, items, users and teams with these bodies; a cursor that leads nowhere ends its list. */
export async function replayServer(
  boards: readonly object[],
  chains: readonly Chain[],
): Promise<{ url: string; close(): void }> {
  const answer = (query: string, variables: Readonly<Record<string, unknown>>): object => {
    if (query.includes('next_items_page')) {
      const chain = chains.find(({ pages }) => pages.some(({ cursor }) => cursor === variables['cursor']));
      const at = chain?.pages.findIndex(({ cursor }) => cursor === variables['cursor']) ?? -1;
      return { next_items_page: chain?.pages[at + 1] ?? { cursor: null, items: [] } };
    }
    if (query.includes('items_page')) {
      const chain = chains.find(({ board }) => board === variables['board']);
      return { boards: chain === undefined ? [] : [{ items_page: chain.pages[0] }] };
    }
    if (query.includes('users(')) return { users: [] };
    if (query.includes('teams {')) return { teams: [] };
    return { boards: variables['page'] === 1 ? boards : [] };
  };
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { query, variables } = JSON.parse(await text(request));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: answer(query, variables), extensions: { request_id: 'replayed' } }));
  };
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return { url: `http://127.0.0.1:${isPort(address) ? address.port : 0}`, close: () => server.close() };
}

function isPort(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
