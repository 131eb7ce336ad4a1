import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { runCli, type CliAnswer, workspace } from '../support/cli.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly updated_at: string;
}

/** A service with people in it, a project that reads them, and the command line in that project. */
export interface PeopleProject {
  readonly folder: string;
  /** The connection's folder. */
  readonly data: string;
  readonly people: Map<string, Person>;
  /** Adds a person or changes them: the `n`th change has its own time. */
  put(id: string, change?: Partial<Person>): Person;
  run(...args: readonly string[]): Promise<CliAnswer>;
  close(): void;
}

const PER_PAGE = 4;

/** `more`: options of the stream of people. */
export async function peopleProject(more = '', config = ''): Promise<PeopleProject> {
  const people = new Map<string, Person>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const since = url.searchParams.get('since') ?? '';
    const all = [...people.values()]
      .filter((person) => person.updated_at >= since)
      .sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1));
    const after = url.searchParams.get('after');
    const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const data = all.slice(start, start + PER_PAGE);
    const next = start + PER_PAGE < all.length ? data.at(-1)?.id : null;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data, next }, null, url.pathname === '/staff' ? 0 : 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = portOf(server.address());
  const place = workspace();
  const folder = join(place.folder, 'integrations/crm');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'integration.ts'), INTEGRATION.replace('/* more */', more));
  if (config !== '') writeFileSync(join(place.folder, 'sassy.config.ts'), `export default ${config};\n`);
  let changes = 0;
  return {
    folder: place.folder,
    data: join(place.folder, '.sassy/crm/crm'),
    people,
    put(id, change = {}) {
      changes += 1;
      const person = {
        id,
        name: `Name of ${id}, version ${changes}`,
        email: `${id}.v${changes}@example.com`,
        ...change,
        updated_at: new Date(Date.UTC(2026, 0, 1) + changes * 3_600_000).toISOString(),
      };
      people.set(id, person);
      return person;
    },
    run: (...args) =>
      runCli(['run', 'crm', ...args, '--json'], {
        cwd: place.folder,
        env: { SASSY_CRM__BASE_URL: `http://127.0.0.1:${port}` },
      }),
    close() {
      server.close();
      place.remove();
    },
  };
}

/** Every byte of a folder, with what is compressed decompressed: the frames of a segment, one after the other. */
export function everyByte(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      return `${path}\n${path.endsWith('.zst') ? framesOf(bytes) : bytes.toString('latin1')}`;
    })
    .join('\n');
}

const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

function framesOf(bytes: Buffer): string {
  let text = '';
  for (let at = bytes.indexOf(MAGIC); at >= 0;) {
    const next = bytes.indexOf(MAGIC, at + 4);
    text += zstdDecompressSync(bytes.subarray(at, next < 0 ? bytes.length : next)).toString();
    at = next;
  }
  return text;
}

function portOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the service listens nowhere');
  return address;
}

const INTEGRATION = `
import { bodyCursor, defineIntegration, defineStream, entity, fullRefresh, httpSource, incremental, parser } from 'sassy';
import { z } from 'zod';

const Person = z.looseObject({ id: z.string(), name: z.string(), email: z.string(), updated_at: z.string() });
const paginator = bodyCursor({ from: '/next', to: 'after' });
const People = defineStream({
  name: 'people', record: Person, primaryKey: 'id', cursor: 'updated_at', lookBack: '0s', /* more */
  source: httpSource({
    request: ({ since }) => ({ path: '/people', query: { since } }),
    records: '/data', paginator,
  }),
});
const Staff = defineStream({
  name: 'staff', record: Person, primaryKey: 'id',
  source: httpSource({
    request: () => ({ path: '/staff' }),
    records: (body) => body.data.map((person) => ({ ...person, from: 'staff' })), paginator,
  }),
});
const Contact = entity('Contact', { key: 'id' }, { id: z.string(), name: z.string(), email: z.string() });
const Member = entity('Member', { key: 'id' }, { id: z.string(), email: z.string() });

export default defineIntegration({
  title: 'People', config: z.object({ baseUrl: z.string() }),
  http: { baseUrl: 'http://127.0.0.1' },
  streams: [People, Staff], entities: [Contact, Member],
  parsers: {
    contacts: parser({ people: incremental(People) }, Contact, async function* ({ people }) {
      for await (const { id, name, email } of people) yield { id, name, email };
    }),
    members: parser({ staff: fullRefresh(Staff) }, Member, async function* ({ staff }) {
      for await (const { id, email } of staff) yield { id, email };
    }),
  },
});
`;
