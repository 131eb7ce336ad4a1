import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

export interface Event {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly at: string;
}

/** A service with accounts and their events by region, over real HTTP, and a project that reads it. */
export interface Acme {
  readonly events: Event[];
  /** What was asked for, in order: `/events?account=a&since=…`. */
  readonly asked: string[];
  /** Paths that answer with this status. */
  readonly refused: Map<RegExp, number>;
  readonly place: Workspace;
  run(...args: readonly string[]): Promise<CliAnswer>;
  close(): void;
}

const PAGE = 2;

export async function startAcme(): Promise<Acme> {
  const events: Event[] = [];
  const asked: string[] = [];
  const refused = new Map<RegExp, number>();
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://acme');
    asked.push(decodeURIComponent(`${url.pathname}${url.search}`));
    const status = [...refused].find(([path]) => path.test(url.pathname + url.search))?.[1] ?? 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? answer(url, events) : { error: 'no' }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const place = workspace();
  const folder = join(place.folder, 'integrations/acme');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'integration.ts'), INTEGRATION);
  const env = { SASSY_ACME__BASE_URL: `http://127.0.0.1:${port}`, SASSY_ACME__REGIONS: 'eu,us' };
  return {
    events,
    asked,
    refused,
    place,
    run: (...args) => runCli(['run', 'acme', ...args, '--json'], { cwd: place.folder, env }),
    close() {
      server.close();
      place.remove();
    },
  };
}

function answer({ pathname, searchParams }: URL, events: readonly Event[]): unknown {
  if (pathname === '/accounts') return { data: [{ id: 'a' }, { id: 'b' }] };
  const [account, region] = [searchParams.get('account'), searchParams.get('region')];
  const [since, until] = [searchParams.get('since') ?? '', searchParams.get('until') ?? '9'];
  const after = Number(searchParams.get('after') ?? 0);
  const found = events.filter(
    (event) =>
      event.account === account &&
      (region === null || event.region === region) &&
      event.at >= since &&
      event.at < until,
  );
  const next = found.length > after + PAGE ? after + PAGE : undefined;
  return { data: found.slice(after, after + PAGE), ...(next === undefined ? {} : { next }) };
}

const INTEGRATION = `
import { bodyCursor, defineIntegration, defineStream, each, httpSource, product, windows } from 'sassy';
import { z } from 'zod';

const Config = z.object({ baseUrl: z.string(), regions: z.string() });
const Thing = z.looseObject({ id: z.string() });
const paginator = bodyCursor({ from: '/next', to: 'after' });
const Accounts = defineStream({
  name: 'accounts', record: Thing, primaryKey: 'id',
  source: httpSource({ request: () => ({ path: '/accounts' }), records: '/data' }),
});
const events = (name, options) => defineStream({
  name, record: Thing, primaryKey: 'id', cursor: '/at', slices: each(Accounts), ...options,
  source: httpSource({
    request: ({ slice, since, until }) => ({ path: '/events', query: { ...slice, since, until } }),
    records: '/data', paginator,
  }),
});
const byRegion = ({ config }) => config.regions.split(',').map((region) => ({ region }));
export const acme = defineIntegration({
  title: 'Acme', config: Config, http: { baseUrl: 'https://acme.example' },
  streams: [
    Accounts,
    events('windowed', { slices: product(each(Accounts), byRegion, windows({ size: '15d', from: '2025-01-01T00:00:00Z' })) }),
    events('backfilled', { history: '15d' }),
    events('relisted', { flow: { full: { every: 2 } } }),
    events('added', { flow: 'immutable', cursor: ['/missing', '/at'] }),
    events('listed', { flow: 'full' }),
  ],
});
`;
