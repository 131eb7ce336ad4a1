import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SassyError } from '../../src/errors/sassy-error.ts';
import { type ScrubRules, scrubber } from '../../src/snapshot/scrub.ts';
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

const scrubbed = (interactions: Snapshot['interactions'], rules: ScrubRules = {}, of = secrets): Snapshot =>
  scrubber({ secrets: of, rules }).snapshot(snapshotOf(interactions));

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
    expect(secretCheck(snapshotText(scrubbed(interactions, {}, of)), { secrets: of })).toEqual([]);
  });

  test('that is part of another, or short, or a number, leaves nothing behind and breaks no JSON', () => {
    const of = ['token-12345678', 'token-12345678-and-more', 'abc', '1234567890123'].map((value) => new Secret(value));
    const snapshot = scrubbed(
      [recorded('/a', ['token-12345678-and-more', 'abc', 'abcde', 1234567890123, 'token-12345678'])],
      {},
      of,
    );
    expect(snapshot.interactions[0]?.response).toMatchObject({
      json: ['<secret:2>', '<secret:3>', 'abcde', '<secret:4>', '<secret:1>'],
    });
  });
});

describe('by name', () => {
  test('credentials go, page tokens and the like stay, the same value has the same placeholder', () => {
    const snapshot = scrubbed(
      [
        recorded('/a?access_token=tok1&page_token=p1&starting_after=s1&filter[token]=f1', {
          accessToken: 'tok1',
          client_secret: 's3',
          nested: { 'x-api-key': 'k4', password: '' },
          tokens: 3,
          token_type: 'bearer',
          nextPageToken: 'np',
          next_page_token: 'np2',
          continuationToken: 'ct',
          starting_after: 'sa',
          password_changed_at: '2024',
          secret: null,
          next: 'https://api.snyk.io/a?page_token=p2&api_key=k4',
        }),
      ],
      {},
      [],
    );
    const [interaction] = snapshot.interactions;
    expect(interaction?.request.url).toBe(
      `${API}/a?access_token=%3Csecret:1%3E&page_token=p1&starting_after=s1&filter[token]=%3Csecret:2%3E`,
    );
    expect(interaction?.response).toMatchObject({
      json: {
        accessToken: '<secret:1>',
        client_secret: '<secret:3>',
        nested: { 'x-api-key': '<secret:4>', password: '' },
        tokens: 3,
        token_type: 'bearer',
        nextPageToken: 'np',
        next_page_token: 'np2',
        continuationToken: 'ct',
        starting_after: 'sa',
        password_changed_at: '2024',
        secret: null,
        next: 'https://api.snyk.io/a?page_token=p2&api_key=%3Csecret:4%3E',
      },
    });
  });

  test('a token that a login answers with is taken out of every other place', () => {
    const token = 'a1b2c3d4e5f6a7b8c9d0';
    const text = snapshotText(
      scrubbed([
        recorded(`/a/${token}`, 'x'),
        recorded('/login', { access_token: token }),
        recorded('/b', { echo: `= ${token}` }),
      ]),
    );
    expect(text).not.toContain(token);
  });

  test('broken JSON, forms and XML are covered, and an integration may add and take names', () => {
    const scrub = scrubber({ secrets: [], rules: { secretNames: ['licence'], plainNames: ['token'] } });
    expect(scrub.text('{"a": 1, "client_secret": "hide me", "x": [1,')).toBe(
      '{"a": 1, "client_secret": "<secret:1>", "x": [1,',
    );
    expect(scrub.text('grant_type=x&client_secret=hide+me&scope=y')).toContain(
      'grant_type=x&client_secret=%3Csecret:1%3E&scope=y',
    );
    expect(scrub.text('<r><password>hide me</password><name>n</name></r>')).toBe(
      '<r><password><secret:1></password><name>n</name></r>',
    );
    expect(scrub.text('{ "licence": "L-1", "token": "T-1" }')).toBe('{ "licence": "<secret:2>", "token": "T-1" }');
  });
});

describe('by shape', () => {
  const random = (length: number): string => 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zZ'.repeat(9).slice(0, length);
  const samples: Readonly<Record<string, string>> = {
    GitHub: `ghp_${random(36)}`, 'GitHub, fine': `github_pat_${random(60)}`, GitLab: `glpat-${random(20)}`, Slack: `xoxb-1234567890-${random(24)}`,
    Stripe: `sk_live_${random(24)}`, AWS: 'AKIAQYLPMN5HFIQR7XYA', Google: `AIza${random(35)}`, Snyk: `snyk_uat.${random(40)}`, npm: `npm_${random(36)}`,
    JWT: `eyJhbGciOiJIUzI1NiJ9.eyJ${random(40)}.${random(43)}`, SendGrid: `SG.${random(22)}.${random(43)}`, Anthropic: `sk-ant-${random(40)}`,
    'private key': `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n${random(64)}\n-----END RSA PRIVATE KEY-----`,
  }; // prettier-ignore

  test.each(Object.entries(samples))('%s: replaced wherever it stands, and known to the checker', (_name, token) => {
    const interactions = [recorded('/a', { text: `see ${token}, please` })];
    expect(secretCheck(snapshotText(snapshotOf(interactions)), { secrets: [] })).not.toEqual([]);
    expect(scrubbed(interactions, {}, []).interactions[0]?.response).toMatchObject({
      json: { text: 'see <secret:1>, please' },
    });
  });

  test('an authorization and a password in a URL go; prose and versions stay', () => {
    const scrub = scrubber({ secrets: [] });
    expect(scrub.text('sent Bearer abc123def456ghi789')).toBe('sent Bearer <secret:1>');
    expect(scrub.text('git clone https://me:pass@host.test/x')).toBe('git clone https://%3Csecret:2%3E@host.test/x');
    for (const text of [
      'basic authentication-and-authorization is used',
      'lodash@4.17.21',
      'sk-learn',
      'task_token',
      'eyJust a word',
    ]) {
      expect(scrub.text(text)).toBe(text);
    }
  });
});

describe('e-mail addresses', () => {
  test('become fakes that are the same for the same person, in every spelling and place', () => {
    const scrub = scrubber({ secrets: [] });
    const snapshot = scrub.snapshot({
      ...snapshotOf([
        recorded('/users?email=ann.smith%2Bx%40corp.io&to=%22bob%40corp.io%22', {
          owner: 'Ann.Smith+x@corp.io',
          list: ['bob@corp.io', 'cy@corp.co.uk'],
          'bob@corp.io': 1,
        }),
        recorded('/next?u=%252Fbob%2540corp.io', {
          text: 'mail <bob@corp.io>, git@github.com:a/b, pkg@1.2.3-beta.rc, x@example.com',
        }),
      ]),
      expected: { streams: {}, entities: { Owner: [{ id: 1, mail: 'bob@corp.io' }] } },
    });
    expect(snapshot.interactions[0]?.request.url).toBe(
      `${API}/users?email=person-1%40example.com&to=%22person-2%40example.com%22`,
    );
    expect(snapshot.interactions[0]?.response).toMatchObject({
      json: {
        owner: 'person-1@example.com',
        list: ['person-2@example.com', 'person-3@example.com'],
        'person-2@example.com': 1,
      },
    });
    expect(snapshot.interactions[1]?.request.url).toBe(`${API}/next?u=%252Fperson-2%2540example.com`);
    expect(snapshot.interactions[1]?.response).toMatchObject({
      json: { text: 'mail <person-2@example.com>, git@github.com:a/b, pkg@1.2.3-beta.rc, x@example.com' },
    });
    expect(snapshot.expected.entities).toEqual({ Owner: [{ id: 1, mail: 'person-2@example.com' }] });
    expect(scrub.snapshot(snapshot)).toEqual(snapshot);
  });

  test('stay when the integration says so', () => {
    const text = snapshotText(scrubbed([recorded('/a', 'bob@corp.io')], { fakeEmails: false }));
    expect(text).toContain('bob@corp.io');
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
