import type { MessagePort } from 'node:worker_threads';
import { loadIntegration } from '../../integration/loader.ts';
import { nodeHost } from '../../util/node-host.ts';
import type { ThreadPlace } from '../run-context.ts';
import { openNetworkGuard } from './network-guard.ts';
import { CHUNKS_AHEAD, type Post, runShare, type ShareTask } from './parser-share.ts';

/** What a thread is told: to run a share, or that one of its messages was taken. */
export type ToThread = { readonly type: 'task'; readonly task: ShareTask } | { readonly type: 'next' };

/** Loads the integration, then runs the shares that are asked for, one at a time. One that fails ends the thread. */
export function serveShares(port: MessagePort, place: ThreadPlace): void {
  const manifest = loadIntegration(place);
  // Its error is that of the first task.
  manifest.catch(() => undefined);
  let ahead = 0;
  let go: (() => void) | undefined;
  const post: Post = async (message, handedOver) => {
    port.postMessage(message, handedOver);
    ahead += 1;
    if (message.type === 'chunk' && ahead >= CHUNKS_AHEAD) await new Promise<void>((resolve) => (go = resolve));
  };
  const run = async (task: ShareTask): Promise<void> => {
    const guard = openNetworkGuard();
    try {
      await runShare(nodeHost(), await manifest, task, guard, post);
    } finally {
      guard.close();
    }
  };
  port.on('message', (message: ToThread) => {
    if (message.type === 'task') {
      void run(message.task);
      return;
    }
    ahead -= 1;
    go?.();
  });
}
