import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oauth2Refresh } from '../../src/http/auth/oauth2-refresh.ts';
import { tokenStore } from '../../src/http/auth/token-store.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';
import { refused } from '../http/client-under-test.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { authRig, tempFolder } from './auth-rig.ts';
import { CLIENT_ID, CLIENT_SECRET, json, oauthServer } from './oauth-server.ts';

interface Config {
  readonly refreshToken: string;
  readonly baseUrl: string;
}

const auth = oauth2Refresh<Config>({
  tokenUrl: 'https://login.acme.com/token',
  clientId: CLIENT_ID,
  clientSecret: () => new Secret(CLIENT_SECRET),
  refreshToken: (config) => new Secret(config.refreshToken),
});
const config = (baseUrl: string, refreshToken = 'refresh-0000-first'): Config => ({ baseUrl, refreshToken });
const fileOf = (folder: string): string => join(folder, 'oauth2.json');

describe('a chain of refresh tokens', () => {
  test('is stored, in a file of this user alone, and goes on in the next run', async () => {
    const server = await oauthServer({ expiresIn: 3600 });
    const folder = tempFolder();
    const first = await authRig(auth, config(server.origin), { folder });
    await Promise.all(Array.from({ length: 20 }, () => first.client.getJson('/items')));
    expect(server.grants).toEqual(['refresh_token']);
    expect(statSync(fileOf(folder)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(fileOf(folder), 'utf8'))).toMatchObject({
      token: { access: 'access-0001-sesame', refresh: 'refresh-0001-sesame', generation: 1 },
    });

    const second = await authRig(auth, config(server.origin), { folder });
    await second.client.getJson('/items');
    expect(server.grants.length).toBe(1);
    expect(second.learned).toEqual(expect.arrayContaining(['access-0001-sesame', 'refresh-0001-sesame']));

    server.expire();
    await second.client.getJson('/items');
    await first.client.getJson('/items');
    expect(server.grants.length).toBe(2);
    expect(server.replays).toEqual([]);
    expect(JSON.stringify(readdirSync(folder))).not.toContain('tmp');
  });

  test('the new refresh token is on the disk before the access token is used', async () => {
    const order: string[] = [];
    const server = await oauthServer({
      before: ({ url, headers }) => {
        if (url.includes('/token')) order.push('granted');
        else order.push(`used ${headers.authorization}`);
        return undefined;
      },
    });
    const { fs } = nodeHost();
    const watched = {
      writeNew: async (path: string, chunks: readonly Uint8Array[]) => {
        await fs.writeNew(path, chunks);
        if (path.includes('oauth2.json')) order.push('synced');
      },
      rename: async (from: string, to: string) => {
        await fs.rename(from, to);
        if (to.endsWith('oauth2.json')) order.push('in place');
      },
      syncFolder: async (path: string) => {
        await fs.syncFolder(path);
        if (path.endsWith('/auth')) order.push('folder synced');
      },
    };
    const { client } = await authRig(auth, config(server.origin), { fs: watched });
    await client.getJson('/items');
    const from = order.indexOf('granted');
    expect(order.slice(from)).toEqual([
      'granted',
      'synced',
      'in place',
      'folder synced',
      'used Bearer access-0001-sesame',
    ]);
  });

  test('when the disk takes nothing, the token is not used, and is stored as soon as it can be', async () => {
    const server = await oauthServer();
    const { fs } = nodeHost();
    let isFull = true;
    const full = {
      writeNew: (path: string, chunks: readonly Uint8Array[]) =>
        isFull && path.includes('oauth2.json')
          ? Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
          : fs.writeNew(path, chunks),
    };
    const { client } = await authRig(auth, config(server.origin), { fs: full });
    expect((await refused(client.getJson('/items'))).code).toBe('DISK_FULL');
    expect(server.requests.map(({ url }) => url)).toEqual(['/token']);
    isFull = false;
    await client.getJson('/items');
    expect(server.grants.length).toBe(1);
    expect(server.replays).toEqual([]);
  });

  test('a service that sends no new refresh token lets the old one go on', async () => {
    const server = await oauthServer({
      rotates: false,
      before: ({ url }, form) =>
        url.includes('/token') && form.get('refresh_token') === 'refresh-0000-first'
          ? json(200, { access_token: `access-${form.get('grant_type')}` })
          : url.includes('/items')
            ? json(200, {})
            : undefined,
    });
    const folder = tempFolder();
    const { client } = await authRig(auth, config(server.origin), { folder });
    await client.getJson('/items');
    const stored = await tokenStore(nodeHost(), folder).read('oauth2');
    expect(stored).toMatchObject({ refresh: 'refresh-0000-first', lifetimeMs: undefined });
  });

  test('on invalid_grant the store is read once more: another process may have been quicker', async () => {
    const folder = tempFolder();
    const store = tokenStore(nodeHost(), folder);
    const seen: string[] = [];
    const server = await oauthServer({
      before: ({ url, headers }, form) => {
        if (!url.includes('/token')) return headers.authorization === 'Bearer theirs' ? json(200, {}) : json(401, {});
        seen.push(form.get('refresh_token') ?? '');
        return json(400, { error: 'invalid_grant' });
      },
    });
    // A process that our lock does not reach stores its token while ours is being refused.
    const { fs } = nodeHost();
    let reads = 0;
    const racing = {
      readFile: async (path: string) => {
        if (path.endsWith('oauth2.json') && ++reads === 3)
          await store.write('oauth2', { ...known, access: 'theirs', refresh: 'r2', generation: 2 });
        return fs.readFile(path);
      },
    };
    const clock = virtualClock();
    const probe = await oauthServer();
    const first = await authRig(auth, config(probe.origin), { folder, clock });
    await first.client.getJson('/items');
    const known =
      (await store.read('oauth2')) ??
      (() => {
        throw new Error('nothing was stored');
      })();
    clock.advance(1);
    await store.write('oauth2', { ...known, lifetimeMs: 0 });

    const { client } = await authRig(auth, config(server.origin), { folder, clock, fs: racing });
    await store.write('oauth2', { ...known, lifetimeMs: 0 });
    await client.getJson('/items');
    expect(seen).toEqual(['refresh-0001-sesame']);
  });

  test('at its end: LOGIN_REFUSED, exit 4, with the line that mends it', async () => {
    const server = await oauthServer();
    const { client } = await authRig(auth, config(server.origin, 'refresh-of-long-ago'));
    const error = await refused(client.getJson('/items'));
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', exitCode: 4 });
    expect(error.fix).toContain('sassy run acme login');
    expect(error.why).toContain('invalid_grant');
    expect(`${error.message}${error.why}`).not.toContain('long-ago');
  });

  test('a new refresh token in the config begins a new chain', async () => {
    const server = await oauthServer();
    const folder = tempFolder();
    const first = await authRig(auth, config(server.origin), { folder });
    await first.client.getJson('/items');
    // Somebody logs in anew: the service gives another first token, and forgets the chain that we know.
    const seen: string[] = [];
    const anew = await oauthServer({
      before: ({ url }, form) => {
        if (url.includes('/token')) seen.push(form.get('refresh_token') ?? '');
        return undefined;
      },
    });
    const second = await authRig(auth, config(anew.origin, 'refresh-of-today'), { folder });
    await refused(second.client.getJson('/items'));
    expect(seen).toEqual(['refresh-of-today']);
  });

  test('a stored time in the future says nothing: the token is not trusted', async () => {
    const server = await oauthServer({ expiresIn: 3600 });
    const folder = tempFolder();
    const late = virtualClock();
    late.advance(86_400_000);
    const first = await authRig(auth, config(server.origin), { folder, clock: late });
    await first.client.getJson('/items');
    const second = await authRig(auth, config(server.origin), { folder, clock: virtualClock() });
    await second.client.getJson('/items');
    expect(server.grants.length).toBe(2);
  });
});
