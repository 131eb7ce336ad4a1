/**
 * A process that is killed while it writes: `node writer-process.ts <sink> <folder> [last commit]`. Commit n leaves the rows
 * row-0 … row-49 with size n and one row new-i for each i up to n; every fourth commit is a new generation. Prints
 * `ready`, then each n that is committed.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import { openJsonlSink } from '../../src/sink/jsonl/jsonl-sink.ts';
import { openParquetSink } from '../../src/sink/parquet/parquet-sink.ts';
import { openStdoutSink } from '../../src/sink/stdout-sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import type { Sink } from '../../src/sink/sink.ts';
import { postgresIn } from './postgres-in.ts';
import { append } from '../../src/testing/sink-things.ts';

const [kind, folder = '', until = 'Infinity'] = process.argv.slice(2);

async function open(): Promise<Sink> {
  switch (kind) {
    case 'duckdb':
      return openDuckDbSink({ file: join(folder, 'entities.duckdb') });
    case 'parquet':
      return openParquetSink({ host: nodeHost(), folder });
    case 'postgres':
      return postgresIn(folder, process.env['SASSY_POSTGRES_URL'] ?? '');
    case 'stdout':
      return openStdoutSink({
        host: nodeHost(),
        folder,
        write: (text) => appendFile(join(folder, 'printed.txt'), text),
      });
    default:
      return openJsonlSink({ host: nodeHost(), folder });
  }
}

const sink = await open();

process.stdout.write('ready\n');
const start = (await sink.position('things'))?.commits['source'] ?? 0;
for (let commit = start + 1; commit <= Number(until); commit++) {
  const mode = commit % 4 === 0 ? 'replace' : 'append';
  const rows = Array.from({ length: 50 }, (_, index) => ({ id: `row-${index}`, size: commit, title: 'x'.repeat(500) }));
  const firstNew = mode === 'replace' ? 1 : commit;
  const added = Array.from({ length: commit - firstNew + 1 }, (_, index) => ({ id: `new-${firstNew + index}` }));
  await append(sink, [...rows, ...added], { mode, commit });
  process.stdout.write(`${commit}\n`);
}
await sink.close();
