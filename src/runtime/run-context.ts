import type { Worker } from 'node:worker_threads';
import type { HttpClient } from '../model/http.ts';
import type { Manifest } from '../model/manifest.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Host } from '../util/host.ts';
import type { WaitedMsBy } from '../model/results.ts';
import type { ConnectionPaths } from './connection.ts';

/** What every run on a connection shares. Built once per command, by the CLI or by a test. */
export interface RunContext {
  readonly host: Host;
  readonly manifest: Manifest;
  /** The connection's name: the integration's own for the default one. */
  readonly connection: string;
  readonly paths: ConnectionPaths;
  readonly blobs: BlobStore;
  readonly runId: string;
  /** Aborted by Ctrl-C and SIGTERM: work stops after the page in hand and commits. */
  readonly signal: AbortSignal;
  readonly progress: (event: ProgressEvent) => void;
  /** How parsers that say `parallel` may be shared out; undefined where everything runs in this thread. */
  readonly threads?: ThreadPlace & {
    readonly count: number;
    /** What one thread reads alone, in the vendor's bytes; undefined for what has proven worth it. */
    readonly worthBytes?: number;
    /** Threads that were started ahead; undefined: each run starts its own. */
    readonly pool?: ThreadPool;
  };
}

/** Where another thread finds the integration and the connection's raw data. */
export interface ThreadPlace {
  /** The integration's name and its folder. */
  readonly name: string;
  readonly folder: string;
  /** The root of the connection's blobs on this machine. */
  readonly root: string;
}

/** Threads that have loaded an integration, or are about to: a run takes them, and gives back those that are still good. */
export interface ThreadPool {
  take(): Worker;
  giveBack(worker: Worker): void;
  close(): Promise<void>;
}

/** A run that may use the network. */
export interface OnlineContext extends RunContext {
  readonly config: unknown;
  /** A client whose requests are counted for one stream; all clients of a run share one budget and one pool. */
  readonly client: (counters: RequestCounters) => HttpClient;
}

/** Added to while requests are made. */
export interface RequestCounters {
  requests: number;
  retries: number;
  waitedMs: number;
  /** The same by what the waiting was for. */
  waitedMsBy?: WaitedMsBy;
  /** Set while the next request waits, e.g. `rate limit`. */
  waitingFor?: string | undefined;
}

export type ProgressEvent =
  | {
      readonly type: 'stream';
      readonly stream: string;
      readonly pages: number;
      readonly records: number;
      readonly waitingFor?: string;
    }
  | { readonly type: 'stream-end'; readonly stream: string; readonly outcome: string }
  | { readonly type: 'parser'; readonly parser: string; readonly entities: number }
  | { readonly type: 'note'; readonly text: string };
