import { join } from 'node:path';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import { openJsonlSink } from '../../src/sink/jsonl/jsonl-sink.ts';
import { openParquetSink } from '../../src/sink/parquet/parquet-sink.ts';
import type { EntityRow, ParserPosition, Sink } from '../../src/sink/sink.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import type { Project } from './project.ts';

export interface StoredRaw {
  /** The bodies, oldest first, as text. */
  readonly bodies: readonly string[];
  /** The ids of the records that were not stored before. */
  readonly ids: readonly string[];
  /** Segments that a commit names. */
  readonly segments: readonly string[];
  readonly state: unknown;
  readonly commits: number;
}

/** What is committed of a stream, with every checksum looked at. */
export async function storedRaw({ data }: Pick<Project, 'data'>, stream = 'items'): Promise<StoredRaw> {
  const raw = await openRawStream(fileBlobStore(nodeHost(), data), stream);
  const bodies: string[] = [];
  const ids: string[] = [];
  for await (const { body, known = [] } of raw.pages()) {
    const text = body.kind === 'json' ? body.text : body.bytes.toString('latin1');
    bodies.push(text);
    const records: readonly { readonly id: string }[] = body.kind === 'json' ? JSON.parse(text).data : [];
    records.forEach(({ id }, index) => {
      if (!known.includes(index)) ids.push(id);
    });
  }
  const segments: string[] = [];
  let commits = 0;
  for await (const commit of raw.commits()) {
    commits += 1;
    segments.push(...commit.segments.map(({ id }) => `raw/${stream}/segments/${id}.jsonl.zst`));
    if (commit.index !== undefined) segments.push(`raw/${stream}/segments/${commit.index.id}.jsonl.zst`);
  }
  return { bodies, ids, segments, commits, state: await raw.state() };
}

/** Files that no reader looks at: halves of writes, segments without a commit, DuckDB's log and its scratch files. */
export function strays(project: Project, raw: StoredRaw): readonly string[] {
  return project
    .files()
    .filter(
      (file) =>
        /\.tmp|\.wal$|\.new$/.test(file) ||
        (file.startsWith('raw/items/segments/') && !raw.segments.includes(file)) ||
        (file.startsWith('lock/') && !/^lock\/\d+\.json$/.test(file)),
    );
}

export type SinkName = 'duckdb' | 'jsonl' | 'parquet';

export async function withSink<T>(
  { data }: Pick<Project, 'data'>,
  name: SinkName,
  work: (sink: Sink) => Promise<T>,
): Promise<T> {
  const folder = join(data, 'parsed', name);
  const sink =
    name === 'jsonl'
      ? openJsonlSink({ host: nodeHost(), folder })
      : name === 'parquet'
        ? await openParquetSink({ host: nodeHost(), folder, readOnly: true })
        : await openDuckDbSink({ file: join(data, 'parsed', 'entities.duckdb'), readOnly: true });
  try {
    return await work(sink);
  } finally {
    await sink.close();
  }
}

export interface StoredEntities {
  readonly rows: readonly EntityRow[];
  readonly position: ParserPosition | undefined;
}

export function storedEntities(project: Pick<Project, 'data'>, name: SinkName): Promise<StoredEntities> {
  return withSink(project, name, async (sink) => {
    const rows: EntityRow[] = [];
    for await (const row of sink.read('things')) rows.push(row);
    return { rows, position: await sink.position('things') };
  });
}
