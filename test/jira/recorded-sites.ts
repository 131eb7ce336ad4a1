import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** One answer of a recording, as it is served again. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

export interface ReplaySite {
  readonly url: string;
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves one recorded answer for each path, whatever the query, since a recording is of other filters than ours; a bare
 * list of users is followed by an empty page, as Jira follows it. Other paths answer 404.
 */
export async function serveRecorded(answers: Readonly<Record<string, Answer>>): Promise<ReplaySite> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://recorded');
    requests.push(url.pathname);
    const recorded = answers[url.pathname] ?? { status: 404, headers: {}, body: { errorMessages: ['not recorded'] } };
    const isLater = Number(url.searchParams.get('startAt') ?? 0) > 0 && url.pathname.includes('/user');
    const body = isLater ? [] : recorded.body;
    const text = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body);
    response.writeHead(recorded.status, { 'content-type': 'application/json', ...recorded.headers });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the replay listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The recordings of a folder of the shared data. */
export class Recordings {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The first interaction of a recording whose URL ends like this, with a status of its own where that is given. */
  answer(file: string, urlEnd = '', status?: number): Answer {
    const interactions: unknown = this.json(file);
    if (!Array.isArray(interactions)) throw new Error(`${file} is no recording`);
    const found: unknown = interactions.find(
      (item) => String(item.url).endsWith(urlEnd) && (status ?? item.status) === item.status,
    );
    if (typeof found !== 'object' || found === null || !('status' in found) || !('body' in found))
      throw new Error(`${file}: no ${urlEnd}`);
    const headers = 'headers' in found && typeof found.headers === 'object' ? { ...found.headers } : {};
    // How the body was packed on its way is not how it is sent now.
    const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      /^(content-(encoding|length)|transfer-encoding|connection)$/.test(name) ? [] : [[name, String(value)]],
    );
    return { status: Number(found.status), headers: Object.fromEntries(kept), body: found.body };
  }

  json(file: string): unknown {
    return JSON.parse(readFileSync(join(this.#folder, file), 'utf8'));
  }
}
