import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { after } from '../http/cleanup.ts';
import { answerOf, type CliAnswer, runCli, startCli, workspace } from '../support/cli.ts';
import { CLIENT_ID, CLIENT_SECRET, json, type OAuthServer, oauthServer } from './oauth-server.ts';

const INTEGRATION = `
import { defineIntegration, defineStream, httpSource, oauth2AuthorizationCode, secret, singlePage } from 'sassy';
import { z } from 'zod';

const Config = z.object({ clientId: z.string(), clientSecret: secret(), baseUrl: z.url().optional() });
const Item = z.looseObject({ id: z.string() });
const auth = oauth2AuthorizationCode<z.infer<typeof Config>>({
  authorizeUrl: 'https://login.acme.com/authorize',
  tokenUrl: 'https://login.acme.com/token',
  clientId: (config) => config.clientId,
  clientSecret: (config) => config.clientSecret,
  scopes: ['read'],
});
const items = defineStream({
  name: 'items',
  record: Item,
  primaryKey: 'id',
  source: httpSource({ request: () => ({ path: '/items' }), records: '/data', paginator: singlePage() }),
});

export const acme = defineIntegration({
  title: 'Acme',
  config: Config,
  http: { baseUrl: 'https://api.acme.com/v1', auth },
  streams: [items],
});
`;

const KEYED = INTEGRATION.replace('oauth2AuthorizationCode, ', 'headerAuth, ').replace(
  /const auth = [^]*?\}\);/,
  "const auth = headerAuth<z.infer<typeof Config>>('x-key', (config) => config.clientSecret);",
);

interface Scene {
  readonly server: OAuthServer;
  readonly outputs: readonly CliAnswer[];
  readonly dataFolder: string;
  readonly tokenFile: string;
  /** From now on the API refuses every token, and repeats it in its answer. */
  close(isClosed: boolean): void;
  run(args: string, more?: Readonly<Record<string, string>>): Promise<CliAnswer>;
  /** Starts a login and goes where it says, by `browse`, which gets the address. */
  logIn(browse: (url: URL) => Promise<unknown>, more?: Readonly<Record<string, string>>): Promise<CliAnswer>;
}

async function scene(): Promise<Scene> {
  const place = workspace();
  after(() => place.remove());
  let isClosed = false;
  const server = await oauthServer({
    expiresIn: 3600,
    before: ({ url, headers }) =>
      isClosed && url.startsWith('/v1') ? json(401, { error: `no more ${headers.authorization}` }) : undefined,
  });
  for (const [name, code] of [
    ['acme', INTEGRATION],
    ['keyed', KEYED],
  ] as const) {
    mkdirSync(join(place.folder, 'integrations', name), { recursive: true });
    writeFileSync(join(place.folder, 'integrations', name, 'integration.ts'), code);
  }
  const fields = { CLIENT_ID, CLIENT_SECRET, BASE_URL: server.origin };
  const env = Object.fromEntries(
    ['ACME', 'KEYED'].flatMap((name) =>
      Object.entries(fields).map(([field, value]) => [`SASSY_${name}__${field}`, value]),
    ),
  );
  const outputs: CliAnswer[] = [];
  return {
    server,
    outputs,
    dataFolder: join(place.folder, '.sassy'),
    tokenFile: join(place.folder, '.sassy/acme/acme/auth/oauth2.json'),
    close: (closed) => {
      isClosed = closed;
    },
    async run(args, more = {}) {
      const answer = await runCli(['run', ...args.split(' '), '--json'], {
        cwd: place.folder,
        env: { ...env, ...more },
      });
      outputs.push(answer);
      return answer;
    },
    async logIn(browse, more = {}) {
      const child = startCli(['run', 'acme', 'login', '--no-browser', '--json'], {
        cwd: place.folder,
        env: { ...env, ...more },
      });
      const ended = answerOf(child);
      let said = '';
      child.stderr?.on('data', (text: string) => (said += text));
      const address = (): string | undefined => /(http\S+\/authorize\S+)\n/.exec(said)?.[1];
      await expect.poll(address, { timeout: 20_000 }).toBeDefined();
      await browse(new URL(address() ?? ''));
      const answer = await ended;
      outputs.push(answer);
      return answer;
    },
  };
}

const KEY = { SASSY_KEY: 'correct horse battery staple' };

describe('sassy run acme login', () => {
  test('from the first refusal to the last: one login, then runs that go on by themselves', async () => {
    const { server, outputs, dataFolder, tokenFile, run, logIn, close } = await scene();
    const before = await run('acme stream');
    expect(before.code).toBe(4);
    expect(before.json()).toMatchObject({ ok: false, exitCode: 4, retryable: false });
    expect(before.stdout + before.stderr).toContain('sassy run acme login');

    const login = await logIn(async (url) => expect(await (await fetch(url)).text()).toContain('You are logged in'));
    expect(login.code, login.stderr).toBe(0);
    expect(login.json()).toMatchObject({ command: 'login', integration: 'acme', connection: 'acme', ok: true });
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(tokenFile, '..')).mode & 0o777).toBe(0o700);

    const first = await run('acme stream --verbose');
    expect(first.code, first.stderr).toBe(0);
    expect(first.json().streams).toMatchObject([{ name: 'items', status: 'complete', records: 1 }]);
    server.expire();
    const second = await run('acme stream --full --verbose');
    expect(second.code, second.stderr).toBe(0);
    expect(server.grants).toEqual(['authorization_code', 'refresh_token']);

    // Sealed with the next refresh; then it opens with the key alone.
    server.expire();
    expect((await run('acme stream --full', KEY)).code).toBe(0);
    expect(readFileSync(tokenFile, 'utf8')).not.toContain('sesame');
    const without = await run('acme stream');
    expect(without.code).toBe(4);
    expect(without.stdout).toContain('SASSY_KEY is not set');
    expect((await run('acme stream', { SASSY_KEY: 'wrong' })).code).toBe(4);

    close(true);
    const refused = await run('acme stream --verbose', KEY);
    expect(refused.code).toBe(4);
    expect(refused.stdout + refused.stderr).toContain('sassy run acme login');
    expect(server.grants.length).toBe(4);
    expect(server.replays).toEqual([]);

    // The canary: no token and no secret in any output, nor in any file, in whatever spelling.
    const secrets = ['sesame', CLIENT_SECRET, KEY.SASSY_KEY].flatMap(formsOf);
    const found = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret));
    for (const { stdout, stderr } of outputs) expect(found(stdout + stderr)).toEqual([]);
    const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, ...found(readFileSync(file, 'latin1'))]).toEqual([file]);
  });

  test('a person who does not allow it, and an answer to another login: exit 4, nothing stored', async () => {
    const { server, tokenFile, logIn } = await scene();
    const denied = await logIn(async ({ searchParams }) => {
      const query = `error=access_denied&state=${searchParams.get('state')}`;
      expect((await fetch(`${searchParams.get('redirect_uri')}?${query}`)).status).toBe(400);
    });
    expect(denied.code).toBe(4);
    expect(denied.json()).toMatchObject({ command: 'login', ok: false, error: { code: 'LOGIN_REFUSED' } });
    expect(denied.stderr).toContain('access_denied');
    const foreign = await logIn(({ searchParams }) =>
      fetch(`${searchParams.get('redirect_uri')}?code=c&state=of-another`),
    );
    expect(foreign.code).toBe(4);
    expect(foreign.stderr).toContain('its state is not the one');
    expect(server.grants).toEqual([]);
    expect(() => statSync(tokenFile)).toThrow('ENOENT');
  });

  test('goes the way that other commands go: to a private place that the user named, with the settings of the network', async () => {
    const { server, run, logIn } = await scene();
    const named = { SASSY_ACME__BASE_URL: server.origin.replace('127.0.0.1', 'localhost') };
    const login = await logIn((url) => fetch(url), named);
    expect(login.code, login.stderr).toBe(0);
    expect(server.grants).toEqual(['authorization_code']);
    const wrongCa = await run('acme login --no-browser', { SASSY_CA_FILE: '/nowhere/ca.pem' });
    expect(wrongCa.code).toBe(3);
    expect(wrongCa.stderr).toContain('SASSY_CA_FILE cannot be used');
  });

  test('an integration that needs none says so', async () => {
    const answer = await (await scene()).run('keyed login');
    expect(answer.code).toBe(2);
    expect(answer.stderr).toContain('needs no login in a browser');
  });
});

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64');
  const hex = Buffer.from(secret).toString('hex');
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
    base64.replaceAll('=', ''),
    hex,
  ];
}
