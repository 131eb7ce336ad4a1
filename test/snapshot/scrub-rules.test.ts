import { describe, expect, test } from 'vitest';
import { type ScrubRules, scrubber } from '../../src/snapshot/scrub.ts';
import { secretCheck } from '../../src/snapshot/secret-check.ts';
import { type Snapshot, snapshotText } from '../../src/snapshot/snapshot-file.ts';
import { recorded, snapshotOf } from './server.ts';

const API = 'https://api.snyk.io';

const scrubbed = (interactions: Snapshot['interactions'], rules: ScrubRules = {}): Snapshot =>
  scrubber({ secrets: [], rules }).snapshot(snapshotOf(interactions));

describe('by name', () => {
  test('credentials go, page tokens and the like stay, the same value has the same placeholder', () => {
    const snapshot = scrubbed([
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
    ]);
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
    GitHub: `ghp_${random(36)}`,
    'GitHub, fine': `github_pat_${random(60)}`,
    GitLab: `glpat-${random(20)}`,
    Slack: `xoxb-1234567890-${random(24)}`,
    Stripe: `sk_live_${random(24)}`,
    AWS: 'AKIAQYLPMN5HFIQR7XYA',
    Google: `AIza${random(35)}`,
    Snyk: `snyk_uat.${random(40)}`,
    npm: `npm_${random(36)}`,
    JWT: `eyJhbGciOiJIUzI1NiJ9.eyJ${random(40)}.${random(43)}`,
    SendGrid: `SG.${random(22)}.${random(43)}`,
    Anthropic: `sk-ant-${random(40)}`,
    'private key': `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n${random(64)}\n-----END RSA PRIVATE KEY-----`,
  };

  test.each(Object.entries(samples))('%s: replaced wherever it stands, and known to the checker', (_name, token) => {
    const interactions = [recorded('/a', { text: `see ${token}, please` })];
    expect(secretCheck(snapshotText(snapshotOf(interactions)), { secrets: [] })).not.toEqual([]);
    expect(scrubbed(interactions).interactions[0]?.response).toMatchObject({
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
