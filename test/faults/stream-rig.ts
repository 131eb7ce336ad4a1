import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { isSassyError, type SassyError } from '../../src/errors/sassy-error.ts';
import { httpClient } from '../../src/http/client.ts';
import { connectionBudget } from '../../src/http/connection-budget.ts';
import { nodeTransport } from '../../src/http/node-transport.ts';
import type { TransportOptions } from '../../src/http/transport.ts';
import { headerAuth } from '../../src/http/policies/auth.ts';
import { redactor } from '../../src/http/redact.ts';
import { defineIntegration } from '../../src/integration/define-integration.ts';
import { defineStream, type StreamOptions } from '../../src/integration/define-stream.ts';
import { httpSource, type HttpSourceOptions } from '../../src/integration/http-source.ts';
import { buildManifest } from '../../src/integration/manifest.ts';
import { secret } from '../../src/integration/secret-field.ts';
import type { HttpRequest, HttpSettings } from '../../src/model/http.ts';
import type { StreamResult } from '../../src/model/results.ts';
import type { PageSource, StreamDefinition } from '../../src/model/stream.ts';
import { connectionPaths } from '../../src/runtime/connection.ts';
import { storedRecords } from '../../src/runtime/dataset/datasets.ts';
import { runStreams } from '../../src/runtime/stream/stream-run.ts';
import type { BlobStore } from '../../src/store/blob-store.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { openRawStream, type RawStream } from '../../src/store/raw-stream.ts';
import { segmentKey } from '../../src/store/store-keys.ts';
import {
  startFaultServer,
  type FaultScript,
  type FaultServer,
  type FaultServerOptions,
} from '../../src/testing/fault-server.ts';
import { Secret } from '../../src/util/secret.ts';
import { virtualClock, type VirtualClock } from '../http/virtual-clock.ts';

export const TOKEN = 'sesame-open';
const Config = z.object({ token: secret(), baseUrl: z.string() });
export type Config = z.infer<typeof Config>;

export async function faulty(script: FaultScript, options?: FaultServerOptions): Promise<FaultServer> {
  const server = await startFaultServer(script, options);
  onTestFinished(() => server.close());
  return server;
}

export interface StreamRig {
  /** The same command again, as a user would give it. */
  run(options?: { readonly maxPages?: number; readonly full?: boolean }): Promise<StreamRun>;
  readonly clock: VirtualClock;
  readonly definition: StreamDefinition;
  readonly blobs: BlobStore;
  /** What is stored. */
  open(): Promise<RawStream>;
  /** Takes away the pages of a commit. */
  damage(commit: number): Promise<void>;
}

interface StreamRun {
  readonly result: StreamResult;
  readonly error: SassyError | undefined;
  /** The newest version of each record's key that is committed, in key order. */
  readonly ids: readonly number[];
  readonly notes: readonly string[];
}

export interface RigOptions {
  readonly settings?: Partial<HttpSettings<Config>>;
  readonly stream?: Partial<StreamOptions>;
  readonly transport?: Partial<TransportOptions>;
  readonly random?: () => number;
  /** Which server answers for `https://<name>`. */
  readonly hosts?: Readonly<Record<string, FaultServer>>;
}

/** One stream `things` read by the whole path: client, streamer, raw store. Waits cost no time. */
export async function streamRig(
  server: FaultServer,
  source: HttpSourceOptions<Config> | PageSource<Config>,
  { settings, stream, transport: options, random, hosts = {} }: RigOptions = {},
): Promise<StreamRig> {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-faults-'));
  const clock = virtualClock(random);
  const { host } = clock;
  const transport = nodeTransport({ maxSockets: 8, ...options });
  onTestFinished(() => {
    transport.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const http: HttpSettings<Config> = {
    baseUrl: 'https://api.acme.example',
    auth: headerAuth('x-api-key', (config: Config) => config.token),
    ...settings,
  };
  const things = defineStream({
    name: 'things',
    record: z.looseObject({ id: z.number() }),
    primaryKey: 'id',
    ...stream,
    source: 'read' in source ? source : httpSource(source),
  });
  const made = buildManifest(defineIntegration({ title: 'Acme', config: Config, http, streams: [things] }), {
    name: 'acme',
    folder,
  });
  const { manifest } = made;
  if (manifest === undefined) throw new Error(JSON.stringify(made.errors));
  const definition = manifest.streams[0];
  if (definition === undefined) throw new Error('no stream');
  const config = { token: new Secret(TOKEN), baseUrl: server.origin };
  const paths = connectionPaths(folder, 'acme', 'acme');
  const blobs = fileBlobStore(host, paths.root);
  let runs = 0;

  function elsewhere(request: HttpRequest): HttpRequest {
    const { hostname, pathname, search } = new URL(request.url);
    const found = hosts[hostname];
    return found === undefined ? request : { ...request, url: found.origin + pathname + search, mayBePrivate: true };
  }

  async function run({ maxPages, full = false }: Parameters<StreamRig['run']>[0] = {}): Promise<StreamRun> {
    const notes: string[] = [];
    const budget = connectionBudget(http, config, host, 'Acme');
    const lock = await acquireLock(host, paths.folder, { command: 'stream', runId: `run-${++runs}` });
    const [outcome] = await runStreams(
      {
        host,
        manifest: manifest ?? never(),
        connection: 'acme',
        paths,
        blobs,
        runId: `run-${runs}`,
        signal: new AbortController().signal,
        progress: (event) => event.type === 'note' && notes.push(event.text),
        config,
        client: (counters) =>
          httpClient<Config>({
            settings: http,
            title: 'Acme',
            config,
            host,
            transport: (request) => transport.send(elsewhere(request)),
            budget,
            redact: redactor([config.token]),
            events: (event) => {
              if (event.type === 'wait') counters.waitedMs += event.ms;
              else counters.requests += 1;
            },
          }),
      },
      lock,
      { only: undefined, full, since: undefined, maxPages, concurrency: 4 },
    );
    await lock.release();
    if (outcome === undefined) throw new Error('no outcome');
    const { result, error } = outcome;
    if (error !== undefined && !isSassyError(error)) throw error;
    return { result, error, ids: await committed(), notes };
  }

  async function committed(): Promise<readonly number[]> {
    const raw = await openRawStream(blobs, 'things');
    const ids: number[] = [];
    for await (const { record } of storedRecords(raw, definition ?? never(), { upTo: raw.head?.number ?? 0 })) {
      ids.push(z.object({ id: z.coerce.number() }).parse(record).id);
    }
    return ids.sort((a, b) => a - b);
  }

  async function damage(number: number): Promise<void> {
    for await (const commit of (await openRawStream(blobs, 'things')).commits({ after: number - 1, upTo: number }))
      for (const { id } of commit.segments) await blobs.delete(segmentKey('things', id));
  }

  return { run, clock, definition, blobs, open: () => openRawStream(blobs, 'things'), damage };
}

function never(): never {
  throw new Error('cannot be');
}

/** Ids from `first` on. */
export function things(count: number, first = 0): readonly { readonly id: number }[] {
  return Array.from({ length: count }, (_, i) => ({ id: first + i }));
}

export function range(count: number, first = 0): readonly number[] {
  return things(count, first).map(({ id }) => id);
}
