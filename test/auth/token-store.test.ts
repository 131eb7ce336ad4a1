import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tokenSeal } from '../../src/http/auth/token-seal.ts';
import { tokenStore } from '../../src/http/auth/token-store.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';
import { refused } from '../http/client-under-test.ts';
import { tempFolder } from './auth-rig.ts';

const host = nodeHost();
const RAW_KEY = Buffer.alloc(32, 7).toString('base64');
const TOKEN = {
  seed: 'seed',
  access: 'access-sesame',
  refresh: 'refresh-sesame',
  obtainedAt: '2026-01-01T00:00:00.000Z',
  lifetimeMs: 3_600_000,
  generation: 3,
};

describe('the store of logins', () => {
  test('has nothing before something is written, and gives back what was written', async () => {
    const store = tokenStore(host, tempFolder());
    expect(await store.read('oauth2')).toBeUndefined();
    await store.write('oauth2', TOKEN);
    expect(await store.read('oauth2')).toEqual(TOKEN);
    await store.write('oauth2', { ...TOKEN, refresh: undefined, lifetimeMs: undefined });
    expect(await store.read('oauth2')).toEqual({ ...TOKEN, refresh: undefined, lifetimeMs: undefined });
  });

  test('writes files of mode 0600 in a folder of mode 0700, and clears what a killed process left', async () => {
    const folder = tempFolder();
    const store = tokenStore(host, folder);
    await store.write('oauth2', TOKEN);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'oauth2.json')).mode & 0o777).toBe(0o600);
    const left = join(folder, 'oauth2.json.tmp-killed');
    writeFileSync(left, 'refresh-sesame');
    await store.write('oauth2', TOKEN);
    expect(() => statSync(left)).toThrow('ENOENT');
  });

  test.each(['../oauth2', 'a/b', '', 'A', '.hidden'])('takes no name that leads elsewhere: %j', async (name) => {
    const store = tokenStore(host, tempFolder());
    expect((await refused(store.read(name))).code).toBe('DEFINITION');
    expect((await refused(store.write(name, TOKEN))).code).toBe('DEFINITION');
  });

  test.each(['', '{', '[]', '{"version":2}', '{"version":1,"token":{"access":1}}'])(
    'a damaged file is LOGIN_REFUSED with what to do: %j',
    async (text) => {
      const folder = tempFolder();
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'oauth2.json'), text);
      const error = await refused(tokenStore(host, folder).read('oauth2'));
      expect(error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 4 });
      expect(error.fix).toContain('log in again');
    },
  );
});

describe.each([
  ['32 bytes in base64', RAW_KEY],
  ['a passphrase', 'correct horse battery staple'],
])('sealed with %s', (_name, text) => {
  const key = new Secret(text);

  test('nothing of the login is in the file, and the key opens it in another process', async () => {
    const folder = tempFolder();
    await tokenStore(host, folder, { key }).write('oauth2', TOKEN);
    const content = readFileSync(join(folder, 'oauth2.json'), 'utf8');
    expect(content).not.toMatch(/sesame|seed"|generation/);
    expect(content).not.toContain(text);
    expect(await tokenStore(host, folder, { key }).read('oauth2')).toEqual(TOKEN);
  });

  test('without the key, and with another: exit 4 and what to set', async () => {
    const folder = tempFolder();
    await tokenStore(host, folder, key).write('oauth2', TOKEN);
    const without = await refused(tokenStore(host, folder).read('oauth2'));
    expect(without).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 4, message: expect.stringContaining('not set') });
    const wrong = await refused(tokenStore(host, folder, new Secret('another key')).read('oauth2'));
    expect(wrong).toMatchObject({
      code: 'LOGIN_REFUSED',
      exitCode: 4,
      message: expect.stringContaining('another key'),
    });
    for (const { fix } of [without, wrong]) expect(fix).toContain('set SASSY_KEY');
  });

  test('the key is changed with the one before it; what is written next has the new one', async () => {
    const folder = tempFolder();
    await tokenStore(host, folder, { key }).write('oauth2', TOKEN);
    const next = new Secret('the next key');
    const changing = tokenStore(host, folder, { key: next, previousKey: key });
    expect(await changing.read('oauth2')).toEqual(TOKEN);
    await changing.write('oauth2', TOKEN);
    expect(await tokenStore(host, folder, { key: next }).read('oauth2')).toEqual(TOKEN);
    expect((await refused(tokenStore(host, folder, { key }).read('oauth2'))).code).toBe('LOGIN_REFUSED');
  });

  test('a file without a seal is read, and sealed when it is written next', async () => {
    const folder = tempFolder();
    await tokenStore(host, folder).write('oauth2', TOKEN);
    const store = tokenStore(host, folder, { key });
    expect(await store.read('oauth2')).toEqual(TOKEN);
    await store.write('oauth2', TOKEN);
    expect(readFileSync(join(folder, 'oauth2.json'), 'utf8')).not.toContain('sesame');
  });
});

describe('a change of a sealed file', () => {
  const key = new Secret(RAW_KEY);

  test('of any one bit is found', async () => {
    const folder = tempFolder();
    const path = join(folder, 'oauth2.json');
    const store = tokenStore(host, folder, { key });
    await store.write('oauth2', TOKEN);
    const { sealed } = JSON.parse(readFileSync(path, 'utf8'));
    for (const field of ['iv', 'tag', 'data']) {
      const bytes = Buffer.from(sealed[field], 'base64');
      for (let bit = 0; bit < bytes.length * 8; bit += 13) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        writeFileSync(path, JSON.stringify({ version: 1, sealed: { ...sealed, [field]: changed.toString('base64') } }));
        expect((await refused(store.read('oauth2'))).message).toContain('changed after it was sealed');
      }
    }
    for (const change of [{ tag: sealed.tag.slice(0, 8) }, { iv: '' }, { data: '' }, { salt: 'c2FsdA==' }]) {
      writeFileSync(path, JSON.stringify({ version: 1, sealed: { ...sealed, ...change } }));
      expect((await refused(store.read('oauth2'))).code).toBe('LOGIN_REFUSED');
    }
  });

  test('of its name is found too', async () => {
    const folder = tempFolder();
    const store = tokenStore(host, folder, { key });
    await store.write('one', TOKEN);
    writeFileSync(join(folder, 'two.json'), readFileSync(join(folder, 'one.json')));
    expect((await refused(store.read('two'))).message).toContain('changed after it was sealed');
  });
});

test('no two of 10,000 seals share an IV', async () => {
  const seal = tokenSeal({ key: new Secret(RAW_KEY) });
  const seen = new Set<string>();
  for (let count = 0; count < 10_000; count += 1) seen.add((await seal.close('oauth2', 'same'))?.iv ?? '');
  expect(seen.size).toBe(10_000);
  expect(Buffer.from([...seen][0] ?? '', 'base64').length).toBe(12);
});
