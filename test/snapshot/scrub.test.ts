import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SassyError } from '../../src/errors/sassy-error.ts';
import { scrubber } from '../../src/snapshot/scrub.ts';
import { secretCheck } from '../../src/snapshot/secret-check.ts';
import { type Snapshot, snapshotText, writeSnapshot } from '../../src/snapshot/snapshot-file.ts';
import { snapshotBody } from '../../src/snapshot/body.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';
import { CANARY, SPELLINGS, leaks } from './canaries.ts';
import { recorded, snapshotOf, withFolder } from './server.ts';

const secrets = [new Secret(CANARY)];
const API = 'https://api.snyk.io';

/** Where a secret may stand in a recording. A URL and a header cannot hold every spelling as it is. */
const PLACES: Readonly<Record<string, (spelt: string) => Snapshot['interactions'][number]>> = {
  url: (spelt) => ({
    request: { method: 'GET', url: new URL(`${API}/a?x=1&k=${encodeURI(spelt)}&y=2`).href },
    response: { status: 200, headers: {}, text: 'ok' },
  }),
  path: (spelt) => ({
    request: { method: 'GET', url: new URL(`${API}/hooks/${encodeURIComponent(spelt)}/x`).href },
    response: { status: 200, headers: {}, text: 'ok' },
  }),
  header: (spelt) => ({
    request: recorded('/a', 1).request,
    response: {
      status: 302,
      headers: { location: `${API}/x?k=${spelt}`, link: `<${API}/a?k=${spelt}>; rel="next"` },
      text: '',
    },
  }),
  'JSON body': (spelt) => recorded('/a', { items: [{ id: 1, echo: `you sent ${spelt}.` }], [`key ${spelt}`]: true }),
  'JSON kept as text': (spelt) => ({
    request: recorded('/a', 1).request,
    response: { status: 200, headers: {}, text: `{ "n": 1.0, "echo": ${JSON.stringify(spelt)} }` },
  }),
  'request body': (spelt) => ({
    request: { method: 'POST', url: `${API}/a`, body: JSON.stringify({ query: `x ${spelt}` }) },
    response: { status: 200, headers: {}, text: 'ok' },
  }),
  'text body': (spelt) => ({
    request: recorded('/a', 1).request,
    response: { status: 200, headers: {}, text: `<p>Hello ${spelt} there</p>` },
  }),
  'error body': (spelt) => ({
    request: recorded('/a', 1).request,
    response: { status: 401, headers: {}, text: `{"error":"bad token: ${spelt}` },
  }),
  'binary body': (spelt) => ({
    request: recorded('/a', 1).request,
    response: {
      status: 200,
      headers: {},
      ...snapshotBody(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(` ${spelt} `)])),
    },
  }),
};

const scrubbed = (interactions: Snapshot['interactions'], of = secrets): Snapshot =>
  scrubber({ secrets: of }).snapshot(snapshotOf(interactions));

const cases = Object.keys(PLACES).flatMap((place) =>
  Object.keys(SPELLINGS).map((spelling) => [place, spelling] as const),
);

describe('a configured secret', () => {
  test.each(cases)(
    'in the %s, %s: is not in the file; and the checker alone would have found it',
    (place, spelling) => {
      const spelt = SPELLINGS[spelling]?.(CANARY) ?? '';
      const interaction = PLACES[place]?.(spelt);
      const raw = snapshotText(snapshotOf(interaction === undefined ? [] : [interaction]));
      const found = secretCheck(raw, { secrets });
      expect(found.map(({ what }) => what)).toContain('configured secret 1');
      expect(JSON.stringify(found)).not.toContain(CANARY.slice(0, 8));
      const clean = snapshotText(scrubbed(interaction === undefined ? [] : [interaction]));
      expect(leaks(clean, CANARY)).toEqual([]);
      expect(secretCheck(clean, { secrets })).toEqual([]);
      expect(clean).toMatch(/secret:1|c2VjcmV0OjE|NlY3JldDox|zZWNyZXQ6MT/);
    },
  );

  test('the test looks where the secrets are', () => {
    for (const spell of Object.values(SPELLINGS)) {
      const text = snapshotText(snapshotOf([recorded('/a', { echo: spell(CANARY) })]));
      expect(leaks(text, CANARY)).not.toEqual([]);
    }
  });

  test('of several lines is found by each long line, and folded base64 is seen through', () => {
    const line = (seed: string): string => Buffer.from(seed.repeat(12)).toString('base64').slice(0, 64);
    const pem = ['-----BEGIN DATA-----', line('abc1'), line('xyz2'), '-----END DATA-----', ''].join('\n');
    const folded = (
      Buffer.from(CANARY.repeat(3))
        .toString('base64')
        .match(/.{1,20}/g) ?? []
    ).join('\r\n');
    const of = [new Secret(pem), ...secrets];
    const interactions = [recorded('/a', { one: `x ${line('xyz2')}`, all: pem, mail: folded })];
    expect(secretCheck(snapshotText(snapshotOf(interactions)), { secrets: of }).map(({ pointer }) => pointer)).toEqual([
      '/interactions/0/response/json/one',
      '/interactions/0/response/json/all',
      '/interactions/0/response/json/mail',
    ]);
    expect(secretCheck(snapshotText(scrubbed(interactions, of)), { secrets: of })).toEqual([]);
  });

  test('that is part of another, or short, or a number, leaves nothing behind and breaks no JSON', () => {
    const of = ['token-12345678', 'token-12345678-and-more', 'abc', '1234567890123'].map((value) => new Secret(value));
    const snapshot = scrubbed(
      [recorded('/a', ['token-12345678-and-more', 'abc', 'abcde', 1234567890123, 'token-12345678'])],
      of,
    );
    expect(snapshot.interactions[0]?.response).toMatchObject({
      json: ['<secret:2>', '<secret:3>', 'abcde', '<secret:4>', '<secret:1>'],
    });
  });
});

describe('everything else', () => {
  test('stays byte for byte: spaces, numbers, escapes', () => {
    const text = '{ "n": 12345678901234567890.10, "e": "\\u00e9\\/", "a": [1e5, -0, "x@corp.io"],\n"t": "" }';
    expect(scrubber({ secrets }).text(text)).toBe(text.replace('x@corp.io', 'person-1@example.com'));
  });

  test('hostile texts take linear time', { timeout: 10_000 }, () => {
    const scrub = scrubber({ secrets });
    const hostile = [
      'eyJ',
      'a@',
      'glpat-',
      '-----BEGIN PRIVATE KEY-----',
      '"token":"\\',
      'basic ',
      '?a=',
      '<a>',
      'a.b@c.',
      '%25',
      '://a:',
    ];
    for (const piece of hostile) {
      const text = piece.repeat(200_000 / piece.length);
      scrub.text(text);
      secretCheck(JSON.stringify({ text }), { secrets });
    }
  });
});

describe('the last check before writing', () => {
  test('stops a snapshot that was not scrubbed, names the place and not the value, and leaves no file', async () => {
    await withFolder(async (folder) => {
      const snapshot = snapshotOf([recorded('/a', { data: [{ note: `x${CANARY}` }] })]);
      const file = join(folder, 'snyk', 'first-sync.json');
      const error: unknown = await writeSnapshot(nodeHost(), file, snapshot, { secrets }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(SassyError);
      expect(error).toMatchObject({ code: 'SECRET_IN_SNAPSHOT' });
      const shown = error instanceof SassyError ? `${error.message} ${error.why} ${error.fix}` : '';
      expect(shown).toContain('/interactions/0/response/json/data/0/note: configured secret 1');
      expect(shown).not.toContain(CANARY.slice(0, 8));
      expect(await readdir(folder)).toEqual([]);
      await writeSnapshot(nodeHost(), file, scrubber({ secrets }).snapshot(snapshot), { secrets });
      expect(await readdir(join(folder, 'snyk'))).toEqual(['first-sync.json']);
      expect(leaks(await readFile(file, 'utf8'), CANARY)).toEqual([]);
    });
  });

  test('also stops what nobody configured: random-looking values where credentials stand', () => {
    const value = 'q7Zp2Lk9Xv4Tn8Rb3Wc6';
    const text = snapshotText(
      snapshotOf([
        recorded(`/a?session_id=${value}`, { authToken: value, signature: value, page_token: value, id: value }),
      ]),
    );
    expect(secretCheck(text, { secrets: [] }).map(({ pointer }) => pointer)).toEqual([
      '/interactions/0/request/url',
      '/interactions/0/response/json/authToken',
      '/interactions/0/response/json/signature',
    ]);
  });

  test('a field whose name is a secret is not named', () => {
    const text = snapshotText(snapshotOf([recorded('/a', { [CANARY]: { x: 'Bearer q7Zp2Lk9Xv4Tn8Rb3Wc6' } })]));
    const found = secretCheck(text, { secrets });
    expect(found.map(({ pointer }) => pointer)).toEqual([
      '/interactions/0/response/json/(name)',
      '/interactions/0/response/json/(name)/x',
    ]);
  });
});
