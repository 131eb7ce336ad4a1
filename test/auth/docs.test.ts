import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as sassy from 'sassy';
import { expect, test } from 'vitest';
import * as zod from 'zod';
import { serve } from '../http/local-server.ts';
import { authRig } from './auth-rig.ts';
import { json } from './oauth-server.ts';

const root = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/auth.md'), 'utf8');

/** Heading → the example below it. */
const examples = new Map(
  text.split(/^## /m).flatMap((section): readonly (readonly [string, string])[] => {
    const code = /```ts\n([^]*?)```/.exec(section)?.[1];
    return code === undefined ? [] : [[section.slice(0, section.indexOf('\n')), code]];
  }),
);

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const oneLine = pem.replaceAll('\n', '\\n');
const client = { clientId: 'id', clientSecret: 'client-secret' };
const app = { appId: '1', privateKey: oneLine, installationId: '2' };
const TOKEN = 'Bearer sesame-1';

/** Heading → a config, and what the request to the API then has. */
const EXPECTED: Readonly<Record<string, readonly [config: Readonly<Record<string, string>>, sent: RegExp]>> = {
  'An API key in a header': [{ apiKey: 'key-1' }, /"x-api-key":"key-1"/],
  'An API key in the query': [{ apiKey: 'key-1' }, /"url":"\/v1\/items\?api_key=key-1"/],
  'A bearer token': [{ token: 'token-1' }, /"authorization":"Bearer token-1"/],
  'User and password': [{ email: 'me@x', apiToken: 't' }, /"authorization":"Basic bWVAeDp0"/],
  'OAuth 2.0: client credentials': [client, new RegExp(TOKEN)],
  'OAuth 2.0: refresh token': [{ ...client, refreshToken: 'r-0' }, new RegExp(TOKEN)],
  'OAuth 2.0: in a browser': [client, new RegExp(TOKEN)],
  'A session': [{ user: 'me', password: 'pw' }, /"x-session":"sesame-1"/],
  'A signed JWT': [{ issuer: 'me', privateKey: oneLine }, new RegExp(TOKEN)],
  'A service account of Google': [
    { serviceAccount: JSON.stringify({ private_key: pem, client_email: 'robot@x', token_uri: 'https://g.com/token' }) },
    new RegExp(TOKEN),
  ],
  'A GitHub App': [app, new RegExp(TOKEN)],
  AWS: [
    { accessKeyId: 'AK', secretAccessKey: 'SK' },
    /"authorization":"AWS4-HMAC-SHA256 Credential=AK\/\d{8}\/eu-west-1\//,
  ],
  'One of several': [app, new RegExp(TOKEN)],
};

test('every example is run', () => {
  expect([...examples.keys()]).toEqual(Object.keys(EXPECTED));
});

test('every example compiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-docs-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    [...examples.values()].forEach((code, index) => writeFileSync(join(folder, `example-${index}.ts`), code));
    const paths = { sassy: [join(root, 'src/index.ts')] };
    const compilerOptions = { noEmit: true, paths };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const compiled = (): string => {
      try {
        return execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
      } catch (error) {
        return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
      }
    };
    // What is wrong elsewhere in the tree is told by its own check.
    expect(
      compiled()
        .split('\n')
        .filter((line) => line.includes('example-')),
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The two exports of an example, run as it stands. */
function exportsOf(code: string): {
  readonly auth: sassy.Auth<unknown>;
  readonly Config: zod.z.ZodType<{ baseUrl?: string | undefined }>;
} {
  const plain = stripTypeScriptTypes(code)
    .replace(/import \{(.*)\} from 'sassy';/, 'const {$1} = sassy;')
    .replace(/import \{(.*)\} from 'zod';/, 'const {$1} = zod;')
    .replaceAll(/^export /gm, '');
  // oxlint-disable-next-line typescript/no-implied-eval -- the example is the repository's own text
  return new Function('sassy', 'zod', `${plain}; return { auth, Config };`)(sassy, zod);
}

test.each([...examples])('%s', async (heading, code) => {
  const [given = {}, sent = /never/] = EXPECTED[heading] ?? [];
  const token = { access_token: 'sesame-1', refresh_token: 'r-1', expires_in: 3600 };
  const answer = { ...token, token: 'sesame-1', data: { token: 'sesame-1', expires_in: 3600 } };
  const server = await serve(({ method }) => json(200, method === 'POST' ? answer : {}));
  const { auth, Config } = exportsOf(code);
  const config = { baseUrl: server.origin, ...Config.parse({ ...given, baseUrl: server.origin }) };
  const { client: http, context } = await authRig(auth, { ...config, baseUrl: server.origin });
  const login = auth.browserLogin?.(config, context);
  expect(login !== undefined).toBe(heading === 'OAuth 2.0: in a browser');
  await login?.begin('http://127.0.0.1:1/callback').finish('code');
  await http.getJson('/items');
  expect(JSON.stringify(server.requests.at(-1))).toMatch(sent);
});
