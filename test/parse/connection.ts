import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamState } from '../../src/model/state.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { buildManifest } from '../../src/integration/manifest.ts';
import { connectionPaths, type ConnectionPaths } from '../../src/runtime/connection.ts';
import { type ParseOptions, type ParserOutcome, runParsers } from '../../src/runtime/parse/parse-run.ts';
import type { RunContext } from '../../src/runtime/run-context.ts';
import { openDuckDbSink } from '../../src/sink/duckdb/duckdb-sink.ts';
import type { EntityRow, Sink } from '../../src/sink/sink.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';

export interface PageOptions {
  /** The listing of a full-refresh stream, and whether this commit completes it. */
  readonly listing?: number;
  readonly complete?: boolean;
  readonly contentType?: string;
  readonly isJson?: boolean;
}

/** A connection with a real raw store and a real DuckDB file in a temporary folder, filled page by page by the test. */
export class Connection {
  readonly folder: string;
  readonly paths: ConnectionPaths;
  readonly context: RunContext;
  readonly #complete = new Map<string, number>();
  #run = 0;

  constructor(folder: string, manifest: Manifest) {
    const host = nodeHost();
    this.folder = folder;
    this.paths = connectionPaths(folder, manifest.name, manifest.name);
    this.context = {
      host,
      manifest,
      connection: manifest.name,
      paths: this.paths,
      blobs: fileBlobStore(host, this.paths.root),
      runId: 'run',
      signal: new AbortController().signal,
      progress: () => undefined,
    };
  }

  get manifest(): Manifest {
    return this.context.manifest;
  }

  /** Commits one page: `body` is the vendor's text, or records that lie at `/data`. */
  async page(stream: string, body: string | Buffer | readonly unknown[], options: PageOptions = {}): Promise<void> {
    const { host, blobs } = this.context;
    const text = Array.isArray(body) ? JSON.stringify({ data: body }) : body;
    const bytes = typeof text === 'string' ? Buffer.from(text) : Buffer.isBuffer(text) ? text : Buffer.alloc(0);
    const recordCount = options.isJson === false ? 1 : JSON.parse(bytes.toString()).data.length;
    const writer = await openRawWriter({ host, blobs, stream, epoch: 1, runId: `run-${(this.#run += 1)}` });
    if (options.listing !== undefined && options.complete !== false) this.#complete.set(stream, options.listing);
    const complete = this.#complete.get(stream);
    writer.append(
      {
        request: { method: 'GET', url: `https://api.example.com/${stream}?run=${this.#run}` },
        fetchedAt: new Date(1_700_000_000_000 + this.#run * 1000).toISOString(),
        status: 200,
        slice: {},
        ...(options.listing === undefined ? {} : { listing: options.listing }),
        recordCount,
        contentType: options.contentType ?? 'application/json',
        bytes,
        isJson: options.isJson ?? true,
      },
      recordCount,
    );
    const state: StreamState =
      options.listing === undefined
        ? { slices: { '{}': { cursor: String(this.#run) } } }
        : {
            slices: {},
            listing: {
              current: options.listing,
              startedAt: '2026-01-01T00:00:00.000Z',
              ...(complete === undefined ? {} : { complete }),
            },
          };
    await writer.commit(state, options.listing);
  }

  async withSink<T>(work: (sink: Sink) => Promise<T>): Promise<T> {
    await this.context.host.fs.mkdir(this.paths.parsed);
    const sink = await openDuckDbSink({ file: this.paths.duckdb });
    try {
      return await work(sink);
    } finally {
      await sink.close();
    }
  }

  async run(
    mode: 'parse' | 'restream',
    options: Partial<ParseOptions> & { readonly runId?: string } = {},
  ): Promise<ParserOutcome> {
    const [first] = await this.runAll(mode, options);
    if (first === undefined) throw new Error('no parser');
    return first;
  }

  async runAll(
    mode: 'parse' | 'restream',
    { runId = `r${(this.#run += 1)}`, ...options }: Partial<ParseOptions> & { readonly runId?: string } = {},
  ): Promise<readonly ParserOutcome[]> {
    const all = { parsers: this.manifest.parsers, mode, codeHash: 'code', diff: false, dryRun: false, ...options };
    return this.withSink((sink) => runParsers({ ...this.context, runId }, sink, all));
  }

  async rows(table: string): Promise<readonly EntityRow[]> {
    return this.withSink(async (sink) => {
      const rows: EntityRow[] = [];
      for await (const row of sink.read(table)) rows.push(row);
      return rows;
    });
  }

  /** The same data under another definition: what an author changes between two runs. */
  under(exported: unknown): Connection {
    const again = new Connection(this.folder, manifestOf(exported));
    again.#run = this.#run + 100;
    for (const [stream, number] of this.#complete) again.#complete.set(stream, number);
    return again;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

export function manifestOf(exported: unknown): Manifest {
  const { manifest, errors } = buildManifest(exported, { name: 'acme', folder: '/project/integrations/acme' });
  if (manifest === undefined) throw new Error(JSON.stringify(errors));
  return manifest;
}

export async function connection(exported: unknown): Promise<Connection> {
  return new Connection(await mkdtemp(join(tmpdir(), 'sassy-parse-')), manifestOf(exported));
}
