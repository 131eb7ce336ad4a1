import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** One recorded exchange, as far as it is used here. */
export interface Recorded {
  readonly file: string;
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly contentType: string;
  /** The body as it is sent again: JSON bodies were stored parsed. */
  readonly text: string;
  readonly body: unknown;
}

interface StoredExchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** All recorded exchanges that have a URL, in the order of the files. */
export function recordings(folder: string): readonly Recorded[] {
  return ['c7n-gcp-flights', 'go-cloud-replay', 'jupiterone-graph-google-cloud'].flatMap((source) =>
    readdirSync(join(folder, source))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .flatMap((name) => exchangesIn(join(folder, source, name), `${source}/${name}`)),
  );
}

function exchangesIn(path: string, file: string): readonly Recorded[] {
  const stored: readonly StoredExchange[] = JSON.parse(readFileSync(path, 'utf8'));
  return stored
    .filter(({ url }) => URL.canParse(url) && url.startsWith('https:'))
    .map(({ method, url, status, headers, body }) => ({
      file,
      method,
      url: new URL(url),
      status,
      contentType: headers['content-type'] ?? 'application/json',
      text: typeof body === 'string' ? body : JSON.stringify(body),
      body,
    }));
}

export interface Served {
  readonly status: number;
  readonly text: string;
  readonly contentType?: string;
}

export interface ReplayServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves whatever `answer` gives for a request; 404 in Google's form where it gives nothing. */
export async function replayServer(answer: (url: URL) => Served | undefined): Promise<ReplayServer> {
  const missing = { error: { code: 404, message: 'not recorded', status: 'NOT_FOUND' } };
  const server = createServer((request, response) => {
    request.resume();
    const served = answer(new URL(request.url ?? '', 'http://h')) ?? { status: 404, text: JSON.stringify(missing) };
    response.writeHead(served.status, { 'content-type': served.contentType ?? 'application/json; charset=UTF-8' });
    response.end(served.text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
