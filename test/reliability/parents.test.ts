import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { type ItemServer, startItemServer } from './item-server.ts';
import { project } from './project.ts';

/** SASSY_PARENTS=100000 is the size of the plan. */
const PARENTS = Number(process.env['SASSY_PARENTS'] ?? 1500);
const PAGE = 500;
/** Every so many-th parent is deleted after it was listed. */
const DELETED = 50;
const MOST_COMMIT_BYTES = 64 * 1024;

/** Parents, and for each its children: classes, as most integrations have them. */
const INTEGRATION = `
import { AbstractIntegration, bodyLink, each, HttpStream, Integration, Stream } from 'sassy';
import { z } from 'zod';

@Stream({ record: z.looseObject({ id: z.string() }), primaryKey: 'id' })
class Parents extends HttpStream {
  request() { return { path: '/parents' }; }
  records = '/data';
  paginator = bodyLink({ at: '/next' });
}

@Stream({ record: z.looseObject({ id: z.string(), at: z.string() }), primaryKey: 'id', cursor: 'at', slices: each(Parents) })
class Children extends HttpStream {
  request({ slice, since }) { return { path: '/parents/' + slice.parent + '/children', query: { since } }; }
  records = '/data';
}

@Integration({ title: 'Acme', config: z.object({ baseUrl: z.url() }), http: { baseUrl: 'https://api.acme.example' }, streams: [Parents, Children], entities: [] })
export class AcmeIntegration extends AbstractIntegration {}
`;

let server: ItemServer;
beforeAll(async () => {
  server = await startItemServer(0);
});
afterAll(() => server.close());

/** D21: each parent is a slice with a position of its own; one whose parent is gone is counted and left out. */
it(
  `${PARENTS} parents, some deleted meanwhile: the rest is read, the state stays small`,
  { timeout: 120_000 + 4 * PARENTS },
  async () => {
    const place = project({ integration: INTEGRATION, baseUrl: server.url });
    let asked = 0;
    server.before = (request, response) => {
      asked += 1;
      const { pathname, searchParams } = new URL(request.url ?? '', server.url);
      const parent = /^\/parents\/p(\d+)\/children$/.exec(pathname)?.[1];
      response.setHeader('content-type', 'application/json');
      if (parent === undefined) {
        const from = Number(searchParams.get('from') ?? 0);
        const length = Math.min(PAGE, PARENTS - from);
        const data = Array.from({ length }, (_, index) => ({ id: `p${from + index}` }));
        const next = from + length < PARENTS ? `/parents?from=${from + length}` : null;
        response.end(JSON.stringify({ data, next }));
      } else if (Number(parent) % DELETED === 0) {
        response.statusCode = 404;
        response.end('{}');
      } else {
        const at = '2026-01-01T00:00:00Z';
        response.end(JSON.stringify({ data: [{ id: `c${parent}`, at }] }));
      }
      return true;
    };
    try {
      const gone = Math.ceil(PARENTS / DELETED);
      const first = await place.run('stream');
      expect(first.code, first.stderr).toBe(0);
      expect(first.json().streams[1]).toMatchObject({
        name: 'children',
        status: 'complete',
        slices: PARENTS,
        records: PARENTS - gone,
        skippedSlices: gone,
      });
      const raw = await openRawStream(fileBlobStore(nodeHost(), place.data), 'children');
      const state = Object.keys((await raw.state())?.slices ?? {}).length;
      expect(state).toBe(PARENTS);
      const sizes = place
        .files()
        .filter((name) => name.includes('/commits/'))
        .map((file) => statSync(join(place.data, file)).size);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST_COMMIT_BYTES);
      const before = asked;
      const second = await place.run('stream');
      expect(second.code, second.stderr).toBe(0);
      expect(second.json().streams[1]).toMatchObject({ records: 0, skippedSlices: gone });
      // One request for each parent and page of parents, and no other.
      expect(asked - before).toBe(PARENTS + Math.ceil(PARENTS / PAGE));
      process.stdout.write(
        `${PARENTS} parents: commits of ${Math.max(...sizes)} bytes at most, ${place.files().length} files\n`,
      );
    } finally {
      place.remove();
    }
  },
);
