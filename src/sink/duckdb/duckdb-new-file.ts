import { basename, dirname } from 'node:path';
import type { HostFs } from '../../util/host.ts';
import { prepareCatalog } from './duckdb-catalog.ts';
import { openDuckDb } from './duckdb-database.ts';

/**
 * Makes a database file with the sink's own tables where there is none: beside its place, then in one step. A process that is
 * killed while DuckDB writes the first blocks of a file leaves one that nothing can open any more.
 */
export async function makeDuckDbFile(fs: HostFs, file: string): Promise<void> {
  const folder = dirname(file);
  if ((await fs.list(folder)).includes(basename(file))) return;
  const fresh = `${file}.new`;
  await fs.unlink(fresh);
  await fs.unlink(`${fresh}.wal`);
  const database = await openDuckDb(fresh, { readOnly: false });
  try {
    const session = await database.session();
    try {
      await prepareCatalog(session);
      await session.run('CHECKPOINT');
    } finally {
      session.close();
    }
  } finally {
    database.close();
  }
  await fs.rename(fresh, file);
  await fs.syncFolder(folder);
}
