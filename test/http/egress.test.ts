import { expect, test } from 'vitest';
import { headerAuth } from '../../src/http/policies/auth.ts';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import type { PageRequest } from '../../src/model/http.ts';
import { refused, rig, type Config } from './client-under-test.ts';
import { serve } from './local-server.ts';

test('a next link to another origin is refused before anything is sent there', async () => {
  const trap = await serve(() => ({ body: '{"data":[]}' }));
  const { port } = new URL(trap.origin);
  const server = await serve(({ url }) => ({
    body: JSON.stringify({ data: [1], links: { next: decodeURIComponent(url.slice(1)) } }),
  }));
  const { client } = await rig(server.origin, { auth: headerAuth<Config>('x-api-key', (config) => config.token) });
  for (const link of [
    `${trap.origin}/steal`,
    `//127.0.0.1:${port}/steal`,
    `\\\\127.0.0.1:${port}\\steal`,
    `${server.origin.replace('//', '//x@')}/`,
  ]) {
    const request: PageRequest = { path: `/${encodeURIComponent(link)}` };
    const follow = async (): Promise<unknown> => {
      const { json, headers, request: sent } = await client.send(request);
      const next = jsonApiLinks().next({ request, url: sent.url, json, headers, recordCount: 1 });
      return next === undefined ? undefined : client.send(next);
    };
    expect((await refused(follow())).code, link).toBe('EGRESS_DENIED');
  }
  expect(trap.requests).toEqual([]);
});
