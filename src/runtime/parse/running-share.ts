import type { NetworkGuard } from './network-guard.ts';
import { CHUNKS_AHEAD, runShare, type ShareChunk, type ShareMessage, type ShareTask } from './parser-share.ts';
import type { ToThread } from './share-server.ts';
import type { RunContext, ThreadPool } from '../run-context.ts';

/** A thread came upon something unusual, or died. */
export class ShareFailed extends Error {
  override readonly name = 'ShareFailed';
}

type EndMessage = Extract<ShareMessage, { type: 'end' }>;

/** What has come from the shares of one run and was not taken in yet. */
export class ShareInbox {
  readonly ends: EndMessage[] = [];
  readonly #count: number;
  readonly #chunks = new Map<number, { readonly chunk: ShareChunk; readonly taken: () => void }>();
  #failed: ShareFailed | undefined;
  #wake: (() => void) | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** `taken` is called when a chunk is taken in. */
  put(message: ShareMessage, taken: () => void): void {
    if (message.type === 'end') this.ends.push(message);
    else this.#chunks.set(message.chunk.number, { chunk: message.chunk, taken });
    this.#wake?.();
  }

  fail(why: string): void {
    this.#failed ??= new ShareFailed(why);
    this.#wake?.();
  }

  /** The chunk of that number, once it is there; undefined when all shares have ended without it. @throws ShareFailed */
  async next(number: number, signal: AbortSignal): Promise<ShareChunk | undefined> {
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        const found = this.#chunks.get(number);
        if (found !== undefined) {
          this.#chunks.delete(number);
          found.taken();
          return found.chunk;
        }
        if (this.#failed !== undefined) throw this.#failed;
        if (this.ends.length === this.#count) {
          if (this.#chunks.size > 0) throw new ShareFailed(`the chunk ${number} is missing`);
          return undefined;
        }
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}

export interface RunningShare {
  /** Ends it where it has not ended. Resolves when it does nothing more. */
  stop(): Promise<void>;
}

/** A share that is run by a thread of the pool. */
export function workerShare(pool: ThreadPool, task: ShareTask, inbox: ShareInbox): RunningShare {
  const worker = pool.take();
  let state: 'runs' | 'ended' | 'failed' = 'runs';
  const tell = (message: ToThread): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(message);
  };
  const fail = (why: string): void => {
    if (state !== 'runs') return;
    state = 'failed';
    inbox.fail(why);
  };
  worker.on('message', (message: ShareMessage) => {
    if (message.type === 'end') state = 'ended';
    inbox.put(message, () => tell({ type: 'next' }));
  });
  worker.on('messageerror', (error) => fail(error.message));
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => fail(`it ended with ${code}`));
  worker.ref();
  tell({ type: 'task', task });
  // Who has ended before it was taken tells nothing any more.
  if (worker.threadId < 0) fail('it ended');
  return {
    async stop() {
      worker.removeAllListeners();
      if (state === 'ended') {
        // It is good for another run.
        pool.giveBack(worker);
        return;
      }
      worker.on('error', () => undefined);
      await worker.terminate();
    },
  };
}

/** A share that is run here, between what else this thread has to do. */
export function localShare(
  { host, manifest }: Pick<RunContext, 'host' | 'manifest'>,
  guard: NetworkGuard,
  task: ShareTask,
  inbox: ShareInbox,
): RunningShare {
  let ahead = 0;
  let go: (() => void) | undefined;
  let isStopped = false;
  const taken = (): void => {
    ahead -= 1;
    go?.();
  };
  const post = async (message: ShareMessage): Promise<void> => {
    inbox.put(message, taken);
    if (message.type === 'end') return;
    ahead += 1;
    if (ahead >= CHUNKS_AHEAD) await new Promise<void>((resolve) => (go = resolve));
    if (isStopped) throw new ShareFailed('it is not wanted any more');
  };
  const run = runShare(host, manifest, task, guard, post).catch((error: unknown) =>
    inbox.fail(error instanceof Error ? error.message : String(error)),
  );
  return {
    async stop() {
      isStopped = true;
      go?.();
      await run;
    },
  };
}
