import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tokenStore } from '../../src/http/auth/token-store.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { after } from '../http/cleanup.ts';
import { tempFolder } from './auth-rig.ts';
import type { Answer } from '../http/local-server.ts';
import { CLIENT_SECRET, type OAuthServer, oauthServer } from './oauth-server.ts';

const PROCESSES = 2;
const PARALLEL = 20;
const GENERATIONS = 50;

async function child(server: OAuthServer, folder: string): Promise<ChildProcess> {
  const started = fork(join(import.meta.dirname, 'refresh-child.ts'), [server.origin, folder, CLIENT_SECRET], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  after(() => void started.kill('SIGKILL'));
  await once(started, 'message');
  return started;
}

async function ask(asked: ChildProcess, count: number): Promise<unknown> {
  const answer = once(asked, 'message');
  asked.send(count);
  const [outcomes] = await answer;
  return outcomes;
}

test('two processes, 20 parallel 401s each, single-use refresh tokens: one refresh per generation', async () => {
  const server = await oauthServer({ expiresIn: 3600 });
  const folder = tempFolder();
  const children = await Promise.all(Array.from({ length: PROCESSES }, () => child(server, folder)));
  for (let generation = 1; generation <= GENERATIONS; generation += 1) {
    server.expire();
    const outcomes = await Promise.all(children.map((asked) => ask(asked, PARALLEL)));
    expect(outcomes.flat()).toEqual(Array.from({ length: PROCESSES * PARALLEL }, () => 'ok'));
    expect(server.grants.length).toBe(generation);
  }
  expect(server.replays).toEqual([]);
  const stored = await tokenStore(nodeHost(), folder).read('oauth2');
  expect(stored).toMatchObject({ refresh: server.refreshToken, generation: GENERATIONS });
});

/** Kills the first process when `moment` comes, and says how a request of the next one ends. */
async function afterKill(moment: (url: string) => boolean, answer?: Answer) {
  let victim: ChildProcess | undefined;
  const server = await oauthServer({
    before: ({ url }) => {
      if (victim === undefined || victim.killed || !moment(url)) return undefined;
      victim.kill('SIGKILL');
      return answer;
    },
  });
  const folder = tempFolder();
  victim = await child(server, folder);
  const ended = once(victim, 'exit');
  victim.send(1);
  await ended;
  return { server, isStored: existsSync(join(folder, 'oauth2.json')), next: await ask(await child(server, folder), 1) };
}

const isLogin = (url: string): boolean => url.includes('/token');

test('killed before the service answers: the next process takes over the lock of the dead one and goes on', async () => {
  const { server, next } = await afterKill(isLogin, { status: 503 });
  expect(next).toEqual(['ok']);
  expect(server.grants.length).toBe(1);
});

test('killed as soon as the new token is used: it is stored, and the chain goes on', async () => {
  const { server, isStored, next } = await afterKill((url) => !isLogin(url));
  expect(isStored).toBe(true);
  expect(next).toEqual(['ok']);
  expect(server.grants.length).toBe(1);
  expect(server.replays).toEqual([]);
});

test('killed between the answer and the store, the one moment nobody can close: LOGIN_REFUSED', async () => {
  const { server, isStored, next } = await afterKill(isLogin);
  expect(isStored).toBe(false);
  expect(server.grants.length).toBe(1);
  expect(next).toEqual(['LOGIN_REFUSED']);
});
