import { createHash } from 'node:crypto';
import { postgresPlace } from '../../src/sink/postgres/postgres-place.ts';
import { openPostgresSink } from '../../src/sink/postgres/postgres-sink.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';

/** The PostgreSQL sink of a folder: a schema of its own, and positions that are the folder's. */
export async function postgresIn(folder: string, url: string): Promise<Sink> {
  const variable = 'SASSY_POSTGRES_URL';
  const place = await postgresPlace(url, { variable, readFile: nodeHost().fs.readFile });
  const schema = `s_${createHash('md5').update(folder).digest('hex')}`;
  return openPostgresSink({ place, variable, schema, owner: 'here', origin: folder });
}
