/**
 * The file of an integration that logs in in one of seven ways, by its folder's name, and whose streams all end in another
 * way: what the server echoes is meant to get out by any of them.
 */
export const CANARY_INTEGRATION = (kind: string): string => `
import {
  AbstractIntegration, basicAuth, bodyLink, Check, defineStream, headerAuth, httpSource, Integration,
  jwtAssertion, oauth2ClientCredentials, oauth2Refresh, queryAuth, secret, sessionToken,
} from 'sassy';
import { z } from 'zod';

const Config = z.object({
  baseUrl: z.url().optional(),
  user: z.string().optional(),
  credential: secret(),
  other: secret(),
});
type Config = z.infer<typeof Config>;
const KINDS = {
  header: headerAuth<Config>('X-Api-Key', (config) => config.credential),
  query: queryAuth<Config>('api_key', (config) => config.credential),
  basic: basicAuth<Config>((config) => config.user ?? 'ann', (config) => config.credential),
  client: oauth2ClientCredentials<Config>({
    tokenUrl: 'https://login.acme.com/token', clientId: 'id', clientSecret: (config) => config.credential, style: 'body',
  }),
  refresh: oauth2Refresh<Config>({
    tokenUrl: 'https://login.acme.com/token', clientId: 'id',
    clientSecret: (config) => config.other, refreshToken: (config) => config.credential,
  }),
  session: sessionToken<Config>({
    login: { url: '/login', json: (config) => ({ password: config.credential }) }, token: '/session',
  }),
  jwt: jwtAssertion<Config>({
    key: (config) => config.credential, claims: () => ({ iss: 'me', aud: 'https://acme.com' }),
    exchange: { as: 'assertion', url: 'https://login.acme.com/token' },
  }),
} as const;

const Thing = z.looseObject({ id: z.string() });
const leak = (name: string, options = {}) =>
  defineStream({
    name, record: Thing, primaryKey: 'id',
    source: httpSource<Config>({ request: () => ({ path: '/leak/' + name, ...options }), records: '/data', paginator: bodyLink({ at: '/next' }) }),
  });
const Good = leak('good');
const Bad = ['problem', 'html', 'xml', 'graphql', 'link', 'redirect', 'userinfo', 'limit', 'header', 'moved'].map((name) => leak(name));
const Broken = leak('broken', { method: 'POST', json: {} });
const Thrown = defineStream<{ id: string }, Config>({
  name: 'thrown', record: Thing, primaryKey: 'id',
  source: {
    recordsPointer: '', select: () => [],
    async *read({ config }) {
      throw new TypeError('cannot use ' + config.credential.reveal());
    },
  },
});

@Integration({
  title: 'Acme', config: Config, // A path of its own, so that the stream that meets a limit holds nobody else.
  http: {
    baseUrl: 'https://api.acme.com/v1', auth: KINDS['${kind}'],
    limits: [{ requests: 1000, windowMs: 1000, path: '/leak/limit' }],
  },
  streams: [Good, ...Bad, Broken, Thrown], entities: [],
})
export class Acme extends AbstractIntegration<Config> {
  @Check('the server repeats what it got')
  async echo({ http }: { http: { getJson(path: string): Promise<unknown> } }): Promise<void> {
    await http.getJson('/leak/problem');
  }
}
`;
