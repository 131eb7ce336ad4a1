import { timingSafeEqual } from 'node:crypto';
import * as http from 'node:http';
import { SassyError } from '../../errors/sassy-error.ts';
import type { LoginAttempt } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';

export interface LoopbackOptions {
  readonly host: Host;
  /** The service's name, for messages. */
  readonly title: string;
  readonly redact: (text: string) => string;
  /** 0: any free port. */
  readonly port: number;
  readonly path: string;
  /** How long a person has. Default 5 minutes. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

/** A listener on this machine that the service sends the browser back to (RFC 8252, section 7.3). It serves one login. */
export interface Loopback {
  readonly redirectUri: string;
  /**
   * Waits for the one answer to `attempt`, and ends the login with it. Resolves with what `finish` has to say; rejects
   * with LOGIN_REFUSED when the answer is not to this attempt, brings an error, or does not come in time.
   */
  answerTo(attempt: LoginAttempt): Promise<string | undefined>;
  close(): Promise<void>;
}

const FIVE_MINUTES_MS = 5 * 60_000;

/** Listens on 127.0.0.1 alone: no other machine can reach it. */
export async function openLoopback(options: LoopbackOptions): Promise<Loopback> {
  const { host, title, path, signal } = options;
  let take: ((query: URLSearchParams) => Promise<Reply>) | undefined;
  let isUsed = false;
  let origin = '';

  async function replyTo({ method, url = '', headers }: http.IncomingMessage): Promise<Reply> {
    const asked = URL.parse(url, origin);
    // A page on the internet can make a browser ask under a name of its own.
    if (asked === null || url.split('?', 1)[0] !== path || `http://${headers.host ?? ''}` !== origin) return NOT_HERE;
    if (method !== 'GET') return { status: 405, text: 'This address is for the browser that logs in.' };
    if (isUsed || take === undefined)
      return { status: 410, text: 'This login has been used. Go back to the terminal.' };
    isUsed = true;
    return take(asked.searchParams);
  }

  const server = http.createServer((request, response) => {
    void replyTo(request).then(({ status, text }) => response.writeHead(status, HEADERS).end(`${text}\n`));
  });
  const port = await listening(server, options.port);
  origin = `http://127.0.0.1:${port}`;

  return {
    redirectUri: origin + path,
    async answerTo(attempt) {
      const answered = Promise.withResolvers<string | undefined>();
      take = async (query) => {
        try {
          answered.resolve(await attempt.finish(codeIn(query, attempt, options)));
          return { status: 200, text: `You are logged in to ${title}. You can close this window.` };
        } catch (error) {
          answered.reject(error);
          return { status: 400, text: 'The login did not succeed. The terminal says why.' };
        }
      };
      const done = new AbortController();
      const ended = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
      const clock = host.clock.sleep(options.limitMs ?? FIVE_MINUTES_MS, ended);
      const limit = clock.then(
        () => refused(title, 'nobody has answered in time', 'the login waits for 5 minutes'),
        () => signal?.reason,
      );
      // An answer that is being worked on comes to its end, however long that takes.
      const stop = limit.then((reason: unknown) => (isUsed ? undefined : answered.reject(reason)));
      try {
        return await answered.promise;
      } finally {
        isUsed = true;
        done.abort();
        await stop;
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

const NOT_HERE: Reply = { status: 404, text: 'There is nothing here.' };

/** Nothing of the answer may stay in the browser, and nothing that came in is shown. */
const HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

function codeIn(query: URLSearchParams, attempt: LoginAttempt, { title, redact }: LoopbackOptions): string {
  for (const name of ['state', 'code', 'error', 'iss']) {
    if (query.getAll(name).length > 1) throw refused(title, `the answer has ${name} more than once`);
  }
  if (!isSame(query.get('state') ?? '', attempt.state)) {
    throw refused(title, 'the answer belongs to another login: its state is not the one that was sent');
  }
  if (attempt.issuer !== undefined && query.get('iss') !== attempt.issuer) {
    throw refused(title, `the answer does not come from ${attempt.issuer}: its iss is missing or another`);
  }
  const error = query.get('error');
  if (error !== null) {
    const told = [error, query.get('error_description')].filter((text) => text !== null && text !== '').join(': ');
    const line = redact(told)
      .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .slice(0, 200);
    const what = error === 'access_denied' ? 'the access was not allowed' : 'the service ended the login';
    throw refused(title, `${what} (${line})`);
  }
  const code = query.get('code');
  if (code === null || code === '') throw refused(title, 'the answer holds neither a code nor an error');
  return code;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

function refused(title: string, what: string, why?: string): SassyError {
  return new SassyError('LOGIN_REFUSED', {
    message: `The login to ${title} did not succeed: ${what}`,
    ...(why === undefined ? {} : { why }),
    state: 'nothing was stored; a login that there was before is as it was',
    fix: 'run the same command again, and allow the access in the browser window that it opens',
  });
}

function listening(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const fix = `end the program that listens on port ${port}, then run the same command again`;
      const message = `cannot listen on 127.0.0.1:${port} for the answer of the login`;
      reject(new SassyError('LOGIN_REFUSED', { message, why: cause.message, fix, cause }));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
