import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runCli, workspace } from '../support/cli.ts';

/** What an SDK's client looks like to its user: a method that gives parsed pages, and a paginator over it. */
const SDK = `
export class Client {
  async listBuckets({ token }) {
    const start = Number(token ?? 0);
    const names = ['a', 'b', 'c', 'd', 'e'].slice(start, start + 2);
    return {
      Buckets: names.map((Name) => ({ Name, CreationDate: new Date(Date.UTC(2026, 0, 1)) })),
      ContinuationToken: start + 2 < 5 ? String(start + 2) : undefined,
    };
  }
}
export async function* paginateListBuckets({ client }, { token }) {
  do {
    const page = await client.listBuckets({ token });
    token = page.ContinuationToken;
    yield page;
  } while (token !== undefined);
}
`;

const INTEGRATION = `
import { defineIntegration, defineStream, entity, fullRefresh, iterableSource, parser } from 'sassy';
import { z } from 'zod';
import { Client, paginateListBuckets } from './sdk.ts';

const Record = z.looseObject({ Name: z.string(), CreationDate: z.string() });
const Thing = entity('Thing', { key: 'name' }, { name: z.string(), createdAt: z.string() });

const Buckets = defineStream({
  name: 'buckets',
  record: Record,
  primaryKey: 'Name',
  source: iterableSource({
    name: 'S3 ListBuckets',
    async *pages({ token }) {
      const client = new Client();
      for await (const { Buckets, ContinuationToken } of paginateListBuckets({ client }, { token })) {
        yield { records: Buckets, next: ContinuationToken };
      }
    },
  }),
});

export default defineIntegration({
  title: 'Cloud',
  config: z.object({}),
  http: { baseUrl: 'https://unused.example.com' },
  streams: [Buckets],
  entities: [Thing],
  parsers: {
    things: parser({ buckets: fullRefresh(Buckets) }, Thing, async function* ({ buckets }) {
      for await (const { Name, CreationDate } of buckets) yield { name: Name, createdAt: CreationDate };
    }),
  },
});
`;

it('reads the pages of an SDK client: stored, resumed, parsed and streamed again', async () => {
  const place = workspace();
  onTestFinished(() => place.remove());
  const folder = join(place.folder, 'integrations', 'cloud');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'sdk.ts'), SDK);
  writeFileSync(join(folder, 'integration.ts'), INTEGRATION);
  const cloud = (args: string) => runCli(['run', 'cloud', ...args.split(' '), '--json'], { cwd: place.folder });

  const first = await cloud('stream --max-pages 1');
  expect(first.json().streams, first.stderr).toMatchObject([{ status: 'partial', pages: 1, records: 2 }]);
  // It goes on where the SDK's own token leads.
  const rest = await cloud('stream');
  expect(rest.json().streams, rest.stderr).toMatchObject([{ status: 'complete', pages: 2, records: 3 }]);
  const parsed = await cloud('parse');
  expect(parsed.json().parsers, parsed.stderr).toMatchObject([{ entities: { added: 5 }, quarantined: 0 }]);
  expect((await cloud('show Thing')).lines()[0]).toEqual({ name: 'a', createdAt: '2026-01-01T00:00:00.000Z' });
  const again = await cloud('restream');
  expect(again.json().parsers).toMatchObject([{ entities: { added: 0, changed: 0, unchanged: 5 } }]);
});
