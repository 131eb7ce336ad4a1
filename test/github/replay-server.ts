import { createServer } from 'node:http';

/** One recorded request and its answer, as the collections of recordings have it. */
export interface Interaction {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ReplayServer {
  readonly url: string;
  /** `GET /orgs/acme/repos`, in the order of arrival. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const API = 'https://api.github.com';
/** What a client may choose as it likes: it asks for the same list. */
const FREE = ['per_page', 'sort', 'direction', 'hide_secret'];
const NOT_SENT = new Set(['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'status']);

/**
 * Serves recorded answers of api.github.com on 127.0.0.1: the same request gets its answers in the order recorded, the
 * last one again and again. Links lead back here; one to a page that was not recorded is taken out, so that the list
 * ends where the recording does.
 */
export async function replay(interactions: readonly Interaction[]): Promise<ReplayServer> {
  const asked: string[] = [];
  const left = new Map<string, Interaction[]>();
  for (const interaction of interactions) {
    const key = keyOf(interaction.method, interaction.url);
    left.set(key, [...(left.get(key) ?? []), interaction]);
  }
  const known = new Set(left.keys());

  const server = createServer((request, response) => {
    request.resume();
    const { method = 'GET', url = '/' } = request;
    asked.push(`${method} ${decodeURIComponent(new URL(url, API).pathname)}`);
    const answers = left.get(keyOf(method, url)) ?? [];
    const found = answers.length > 1 ? answers.shift() : answers[0];
    const { status, headers, body } = found ?? {
      status: 404,
      headers: {},
      body: { message: 'Not Found', status: '404' },
    };
    const kept = Object.entries(headers)
      .filter(([name]) => !NOT_SENT.has(name.toLowerCase()))
      .map(([name, value]) => [name, name.toLowerCase() === 'link' ? links(value, known) : moment(value)])
      .filter(([, value]) => value !== '');
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...Object.fromEntries(kept) });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the replay server listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function keyOf(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url, API);
  for (const name of FREE) searchParams.delete(name);
  searchParams.sort();
  const query = searchParams.get('page') === '1' ? '' : String(searchParams);
  return `${method} ${decodeURIComponent(pathname).toLowerCase()} ${query}`;
}

/** As recorded, with the service's own address, but for pages that were not recorded. */
function links(header: string, known: ReadonlySet<string>): string {
  return header
    .split(/,\s*(?=<)/)
    .filter((link) => !/rel="next"/.test(link) || known.has(keyOf('GET', /<([^>]*)>/.exec(link)?.[1] ?? '')))
    .join(', ');
}

/** `@now+3s:unix` and `@now+0s:httpdate` stand for times that the recorder left to be computed. */
function moment(value: string): string {
  const [, seconds, form] = /^@(?:now|start)\+(\d+)s:(unix|httpdate)$/.exec(value) ?? [];
  if (seconds === undefined) return value;
  const at = Date.now() + Number(seconds) * 1_000;
  return form === 'unix' ? String(Math.ceil(at / 1_000)) : new Date(at).toUTCString();
}
