/** What waits are for: our own pacing, the vendor's limit, backing off from trouble, or a job that the API works at. */
export type WaitReason = 'pacing' | 'limit' | 'backoff' | 'job';

/** One request on the wire and its answer. Never holds a credential: the log sits above the policy that adds them. */
export interface AttemptEvent {
  readonly type: 'attempt';
  readonly method: string;
  /** Without the values of the query: `https://api.example.com/orgs?limit&version`. */
  readonly url: string;
  /** Absent when there was no whole response. */
  readonly status?: number;
  /** Node's error code (or the error's name) when there was no whole response. */
  readonly error?: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly durationMs: number;
  /** Waited before this attempt. */
  readonly waitedMs: number;
  /** Of the decompressed body. */
  readonly bytes: number;
}

/** Sent when a wait begins. */
export interface WaitEvent {
  readonly type: 'wait';
  readonly reason: WaitReason;
  readonly ms: number;
  /** Why, in words: `429`, `503`, `ECONNRESET`. */
  readonly detail?: string;
}

export type HttpEvent = AttemptEvent | WaitEvent;

/** Takes the events of a client, in order. Must not throw. */
export type HttpEvents = (event: HttpEvent) => void;

export interface HttpCounts {
  /** Attempts that were sent. */
  readonly requests: number;
  /** Those of them that were not the first for their page. */
  readonly retries: number;
  readonly bytes: number;
  readonly waitedMs: number;
  readonly waitedMsBy: Readonly<Record<WaitReason, number>>;
}

export interface Counters {
  readonly events: HttpEvents;
  /** The totals so far. */
  counts(): HttpCounts;
}

/** Adds up the events of one client: give `events` to a client per stream, read `counts()` for its summary. */
export function counters(forward?: HttpEvents): Counters {
  const waited: Record<WaitReason, number> = { pacing: 0, limit: 0, backoff: 0, job: 0 };
  let requests = 0;
  let retries = 0;
  let bytes = 0;
  return {
    events(event) {
      if (event.type === 'wait') waited[event.reason] += event.ms;
      else {
        requests += 1;
        bytes += event.bytes;
        if (event.attempt > 1) retries += 1;
      }
      forward?.(event);
    },
    counts: () => ({
      requests,
      retries,
      bytes,
      waitedMs: Math.round(waited.pacing + waited.limit + waited.backoff + waited.job),
      waitedMsBy: { ...waited },
    }),
  };
}
