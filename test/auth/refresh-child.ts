import { httpClient } from '../../src/http/client.ts';
import { oauth2Refresh } from '../../src/http/auth/oauth2-refresh.ts';
import { gotTransport } from '../../src/http/got-transport.ts';
import { connectionAuth } from '../../src/runtime/connection-auth.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { Secret } from '../../src/util/secret.ts';

/**
 * One of the processes that share a connection: `node refresh-child.ts <origin> <folder> <client secret>`. For each
 * number that its parent sends it makes so many requests at once, and answers with how they ended.
 */
const [origin = '', folder = '', clientSecret = ''] = process.argv.slice(2);
const host = nodeHost();
const transport = gotTransport({ maxSockets: 32 });
const config = { baseUrl: origin };
const auth = oauth2Refresh<typeof config>({
  tokenUrl: 'https://login.acme.com/token',
  clientId: 'acme-client',
  clientSecret: () => new Secret(clientSecret),
  refreshToken: () => new Secret('refresh-0000-first'),
});
const baseUrl = 'https://api.acme.com/v1';
const context = connectionAuth({
  host,
  title: 'Acme',
  transport: transport.send,
  redact: (text) => text,
  learnSecret: async () => undefined,
  loginCommand: 'sassy run acme login',
  folder,
  baseUrl,
  givenBase: origin,
});
const login = auth.policy(config, context);
const client = httpClient({
  settings: { baseUrl, auth },
  title: 'Acme',
  config,
  host,
  transport: transport.send,
  login,
});

process.on('message', (count) => void answer(Number(count)));
process.send?.('ready');

async function answer(count: number): Promise<void> {
  const requests = Array.from({ length: count }, (_, item) => client.getJson(`/items/${item}`));
  const outcomes = await Promise.allSettled(requests);
  process.send?.(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'ok' : String(outcome.reason.code))));
}
