import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { type Answer, serve } from '../http/local-server.ts';
import { runCli, workspace } from '../support/cli.ts';
import { CANARY_INTEGRATION } from './canary-project.ts';

const NASTY = '+/=%"$&<>';
const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

/** A credential of each kind, each with what encodings spell their own way; a header takes no line break. */
const KINDS: Readonly<Record<string, string>> = {
  header: `hdr-K4Zq9LwTx${NASTY}Vb2Jm5Pd7Rk`,
  query: `qry-M7Yw3NcUe${NASTY}Hf8Ls1Qz6Gt`,
  basic: `bas-P2Xr5OvIa${NASTY}Dj4Kn0Wy9Be`,
  client: `cli-R9Vt6SgEo${NASTY}Cm3Xp7Fu1Ah`,
  refresh: `rfr-T1Bz8QkYi${NASTY}Ew5Gd2Jl4Os`,
  session: `ses-U3Nc0FhMp${NASTY}Zx6Vq8Tr5Ky`,
  jwt: String(PEM).replaceAll('\n', '\\n'),
};
const OTHER = `oth-W6La4JdRb${NASTY}Si9Ug3Ec7Nx`;
const STORE_KEY = Buffer.from('key-at-rest-of-32-bytes-XYZ+/=%&').toString('base64');

/** Twelve spellings of a secret, of which no piece of twelve characters may be found. */
const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'percent-encoded': encodeURIComponent,
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64 of user:token': (secret) => Buffer.from(`ann:${secret}`).toString('base64'),
  'escaped for JSON': (secret) => JSON.stringify(secret).slice(1, -1),
  'escaped for HTML': (secret) =>
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'UTF-16': (secret) => [...secret].join('\0'),
  'in lines': (secret) => secret.replaceAll(/(.{24})/g, '$1\n'),
  'in lines of base64': (secret) =>
    Buffer.from(secret)
      .toString('base64')
      .replaceAll(/(.{24})/g, '$1\r\n'),
};

/** What a server may come to know, and say again. */
interface Heard {
  /** Of the process that runs now: nobody but a server that keeps them knows the tokens of one that has ended. */
  readonly now: Set<string>;
  readonly secrets: Set<string>;
}

/** Tokens are given by `/token` and `/login`; every other answer repeats all credentials in all spellings. */
async function echoServer(heard: Heard, isRotating: boolean) {
  return serve((request): Answer => {
    const url = new URL(request.url, 'http://h');
    const json = (status: number, body: unknown, headers = {}): Answer => ({
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (/token|login/.test(url.pathname)) {
      const made = `${randomBytes(9).toString('hex')}+/=%&-${randomBytes(9).toString('base64')}`;
      const refresh = isRotating ? `${randomBytes(9).toString('hex')}+/=%&~${randomBytes(9).toString('base64')}` : made;
      for (const token of [made, refresh]) {
        heard.now.add(token);
        heard.secrets.add(token);
      }
      return json(200, {
        access_token: made,
        ...(isRotating ? { refresh_token: refresh } : {}),
        session: made,
        token_type: 'bearer',
        expires_in: 600,
      });
    }
    const all = [...heard.now];
    const spelled = all.flatMap((secret) =>
      Object.entries(ENCODINGS)
        .filter(([name]) => !name.startsWith('in lines'))
        .map(([, spell]) => spell(secret)),
    );
    const echo = spelled.join(' ');
    const [first = ''] = all;
    const inUrl = all.map((secret, index) => `k${index}=${encodeURIComponent(secret)}`).join('&');
    const cookie = { 'set-cookie': `s=${encodeURIComponent(first)}`, 'x-echo': encodeURIComponent(first) };
    const answers: Readonly<Record<string, () => Answer>> = {
      good: () => {
        const page = Number(url.searchParams.get('page') ?? 1);
        const next = page < 3 ? `${url.pathname}?page=${page + 1}&${inUrl}` : null;
        return json(200, { data: [{ id: `thing-${page}` }], next }, cookie);
      },
      problem: () => json(400, { title: `bad ${echo}`, detail: echo, errors: [{ message: echo }] }, cookie),
      html: () => ({
        status: 403,
        headers: { 'content-type': 'text/html' },
        body: `<html><title>${echo}</title></html>`,
      }),
      xml: () => ({
        status: 400,
        body: `<Error><Code>${encodeURIComponent(first)}</Code><Message>${encodeURIComponent(first)}</Message></Error>`,
      }),
      broken: () => ({ status: 200, headers: { 'content-type': first.slice(0, 8) }, body: `{"token":"${echo}` }),
      graphql: () => json(200, { errors: [{ message: echo, extensions: { code: 'BAD' } }] }),
      link: () => json(200, { data: [{ id: 'x' }], next: `https://evil.example/?${inUrl}` }),
      redirect: () => ({ status: 302, headers: { location: `https://evil.example/?${inUrl}` } }),
      userinfo: () => ({ status: 302, headers: { location: `https://${encodeURIComponent(first)}@evil.example/` } }),
      moved: () => ({ status: 302, headers: { location: `/v1/leak/problem?${inUrl}` } }),
      limit: () => json(429, { message: echo }, { 'retry-after': '99999', ...cookie }),
      header: () => ({
        status: 200,
        headers: { 'content-encoding': encodeURIComponent(first) },
        body: 'x',
      }),
    };
    return answers[url.pathname.split('/').at(-1) ?? '']?.() ?? json(404, { message: echo });
  });
}

/** Every twelve characters of every spelling of a secret, where they are not in the text of any secret by chance. */
function found(text: string, secrets: readonly string[]): readonly string[] {
  const pieces = new Set(Array.from({ length: Math.max(0, text.length - 11) }, (_, at) => text.slice(at, at + 12)));
  return secrets.flatMap((secret) =>
    Object.entries(ENCODINGS).flatMap(([name, spell]) => {
      const spelled = spell(secret);
      for (let at = 0; at + 12 <= spelled.length; at += 1) {
        const piece = spelled.slice(at, at + 12);
        // The armour of a PEM key is no secret, and says the same for all.
        if (isArmour(piece, name)) continue;
        if (!pieces.has(piece)) continue;
        const hit = text.indexOf(piece);
        return [`${name}: ${piece} in ${text.slice(Math.max(0, hit - 60), hit + 60)}`];
      }
      return [];
    }),
  );
}

const ARMOUR = ['-----BEGIN PRIVATE KEY-----\\n', '\\n-----END PRIVATE KEY-----\\n'];
function isArmour(piece: string, name: string): boolean {
  const spell = ENCODINGS[name] ?? String;
  return ARMOUR.some((armour) => spell(armour).includes(piece)) || /^[-\s\\n]+$/.test(piece);
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

test.each(Object.entries(KINDS))(
  'X1, X2: %s: no piece of a credential in any of nine outputs, in twelve spellings',
  async (kind, credential) => {
    const place = workspace();
    onTestFinished(() => place.remove());
    const given = [credential, ...(kind === 'refresh' ? [OTHER] : [])];
    const heard: Heard = { now: new Set(given), secrets: new Set(given) };
    const server = await echoServer(heard, kind === 'refresh');
    mkdirSync(join(place.folder, 'integrations/acme'), { recursive: true });
    writeFileSync(join(place.folder, 'integrations/acme/integration.ts'), CANARY_INTEGRATION(kind));
    const env = {
      SASSY_ACME__BASE_URL: server.origin,
      SASSY_ACME__CREDENTIAL: credential,
      SASSY_ACME__OTHER: OTHER,
      SASSY_KEY: STORE_KEY,
    };
    const run = (args: string) => {
      heard.now.clear();
      for (const secret of given) heard.now.add(secret);
      return runCli(['run', 'acme', ...args.split(' ')], { cwd: place.folder, env });
    };
    const check = await run('check --json --verbose');
    const before = server.requests.length;
    const stream = await run('stream --json --verbose');
    const sent = server.requests.length - before;
    const answers = {
      check,
      stream,
      plain: await run('stream --full'),
      record: await run('record good --streams good --json --verbose'),
      test: await run('test --json'),
      state: await run('state show --json'),
      status: await run('status'),
    };
    expect([answers.record.code, answers.test.code], answers.record.stderr + answers.test.stdout).toEqual([0, 0]);
    const data = join(place.folder, '.sassy');
    const files = filesBelow(data);
    const blobs = fileBlobStore(nodeHost(), join(data, 'acme/acme'));
    const heads = await Array.fromAsync((await openRawStream(blobs, 'good')).heads());
    const textOf = (paths: readonly string[]): string => paths.map((path) => readFileSync(path, 'latin1')).join('\n');
    const outputs: Readonly<Record<string, string>> = {
      stdout: Object.values(answers)
        .map(({ stdout }) => stdout)
        .join('\n'),
      stderr: [answers.plain.stderr, answers.status.stderr].join('\n'),
      'request lines and stacks (--verbose)': [answers.check.stderr, answers.stream.stderr].join('\n'),
      'logs of the runs': textOf(files.filter((path) => path.includes('/runs/'))),
      'raw store: heads of pages': JSON.stringify(heads),
      'raw store: commits and state': textOf(files.filter((path) => path.includes('/commits/'))) + answers.state.stdout,
      'logins at rest': textOf(files.filter((path) => path.includes('/auth/'))),
      snapshot: textOf(filesBelow(join(place.folder, 'snapshots'))),
      'reports of record and test': [answers.record, answers.test]
        .map(({ stdout, stderr }) => stdout + stderr)
        .join('\n'),
    };
    const streams: readonly { readonly name: string; readonly status: string; readonly requests: number }[] =
      answers.stream.json().streams;
    expect(streams.filter(({ status }) => status === 'complete').map(({ name }) => name)).toEqual(['good']);
    expect(heads.map(({ head }) => head.recordCount).length).toBeGreaterThanOrEqual(3);
    expect([answers.record.code, answers.test.code], answers.record.stderr + answers.test.stdout).toEqual([0, 0]);
    // Requests for tokens are shown, and counted to the stream that needed them. A token that is kept may last from check to stream.
    const shown = kind === 'refresh' ? check.stderr + stream.stderr : stream.stderr;
    expect(/POST \S+\/(token|login) 200/.test(shown)).toBe(!/header|query|basic/.test(kind));
    expect(streams.reduce((sum, { requests }) => sum + requests, 0)).toBe(sent);
    // Only chains of refresh tokens are kept between runs.
    const empty = Object.keys(outputs).filter((name) => (outputs[name]?.length ?? 0) < 20);
    expect(empty).toEqual(kind === 'refresh' ? [] : ['logins at rest']);
    const secrets = [...heard.secrets, STORE_KEY];
    const hits = Object.entries(outputs).flatMap(([output, text]) =>
      found(text, secrets).map((hit) => `${output}: ${hit}`),
    );
    expect(hits).toEqual([]);
    for (const path of files.filter((name) => name.includes('/auth/'))) expect(statSync(path).mode & 0o077).toBe(0);
  },
  120_000,
);
