import { createHash } from 'node:crypto';
import { type Answer, type LocalServer, type SeenRequest, serve } from '../http/local-server.ts';

export interface OAuthServer extends LocalServer {
  /** Answers with a token, in order. */
  readonly grants: readonly string[];
  /** Refresh tokens that were sent a second time. */
  readonly replays: readonly string[];
  /** Access tokens handed out so far no longer hold. */
  expire(): void;
  /** What the next refresh must bring. */
  readonly refreshToken: string;
}

export interface OAuthServerOptions {
  readonly expiresIn?: number | undefined;
  /** Answers a request before the server itself does. */
  readonly before?: (request: SeenRequest, form: URLSearchParams) => Answer | undefined;
  /** False: refresh tokens are good for ever. */
  readonly rotates?: boolean;
}

export const CLIENT_ID = 'acme-client';
export const CLIENT_SECRET = 'c1ient-Secret+/=%"$&x';

/**
 * A small authorization server with single-use refresh tokens, and the API that its tokens open: `/authorize`, `/token`
 * and everything below `/v1`. A refresh token that is used twice ends the chain, as RFC 9700 asks for.
 */
export async function oauthServer(options: OAuthServerOptions = {}): Promise<OAuthServer> {
  const grants: string[] = [];
  const replays: string[] = [];
  const spent = new Set<string>();
  const codes = new Map<string, URLSearchParams>();
  let generation = 0;
  let isEnded = false;
  let good = '';
  let refreshToken = 'refresh-0000-first';

  function tokens(kind: string): Answer {
    generation += 1;
    grants.push(kind);
    good = `access-${String(generation).padStart(4, '0')}-sesame`;
    if (options.rotates !== false) {
      spent.add(refreshToken);
      refreshToken = `refresh-${String(generation).padStart(4, '0')}-sesame`;
    }
    const { expiresIn } = options;
    const body = { access_token: good, token_type: 'Bearer', refresh_token: refreshToken, expires_in: expiresIn };
    return json(200, body);
  }

  function tokenAnswer(form: URLSearchParams): Answer {
    const kind = form.get('grant_type') ?? '';
    if (kind === 'refresh_token') {
      const given = form.get('refresh_token') ?? '';
      if (spent.has(given)) {
        replays.push(given);
        isEnded = true;
      }
      if (isEnded || given !== refreshToken) return json(400, { error: 'invalid_grant', error_description: 'spent' });
    }
    if (kind === 'authorization_code') {
      const code = form.get('code') ?? '';
      const asked = codes.get(code);
      codes.delete(code);
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const fits = asked?.get('code_challenge') === challenge && asked.get('redirect_uri') === form.get('redirect_uri');
      if (!fits) return json(400, { error: 'invalid_grant', error_description: 'the code is not good' });
      isEnded = false;
    }
    return tokens(kind);
  }

  const server = await serve((request) => {
    const url = new URL(request.url, 'http://h');
    const form = new URLSearchParams(request.body);
    const early = options.before?.(request, form);
    if (early !== undefined) return early;
    if (url.pathname.endsWith('/authorize')) {
      const code = `code-${codes.size}-${grants.length}-sesame`;
      codes.set(code, url.searchParams);
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      return { status: 302, headers: { location: back.href } };
    }
    if (url.pathname.endsWith('/token'))
      return isClient(request, form) ? tokenAnswer(form) : json(401, { error: 'invalid_client' });
    if (request.headers.authorization === `Bearer ${good}` && good !== '') return json(200, { data: [{ id: '1' }] });
    return json(401, { error: `the token ${String(request.headers.authorization)} has expired` });
  });

  return {
    ...server,
    grants,
    replays,
    get refreshToken() {
      return refreshToken;
    },
    expire: () => {
      good = '';
    },
  };
}

/** By header or by form; public clients of `/public/token` only name themselves. */
function isClient({ headers, url }: SeenRequest, form: URLSearchParams): boolean {
  const [, pair] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (pair !== undefined) {
    const [id, secret] = Buffer.from(pair, 'base64')
      .toString()
      .split(':')
      .map((part) => new URLSearchParams(`v=${part}`).get('v'));
    return id === CLIENT_ID && secret === CLIENT_SECRET && !form.has('client_secret');
  }
  if (form.has('assertion')) return true;
  return (
    form.get('client_id') === CLIENT_ID && (url.startsWith('/public') || form.get('client_secret') === CLIENT_SECRET)
  );
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
