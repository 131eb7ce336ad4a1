import type { Page } from '../../model/page.ts';
import type { PageKeeper } from './page-keeper.ts';
import type { Pass } from './slice-states.ts';
import type { StreamWork } from './stream-work.ts';

/** How a pass ended: at its end, told to stop in its middle, or before it began because its window is not over yet. */
export type PassEnd = 'done' | 'stopped' | 'too early';

/**
 * Reads the pages of one pass, each stored as it came. Rejects with what the source rejects with; what was read by then is
 * kept. `isRestart`: the list was lost on the way, so nothing that is known of its pages is trusted.
 */
export async function readPass(work: StreamWork, keeper: PageKeeper, pass: Pass, isRestart: boolean): Promise<PassEnd> {
  const { context, definition, counters, states, committer, conditional } = work;
  const { signal, config, client } = context;
  const { slice, since, until, from } = pass;
  const known = conditional?.ask(isRestart);
  const pages = definition.source.read({
    config,
    slice,
    since,
    ...(until === undefined ? {} : { until }),
    from,
    http: client(counters),
    signal,
    ...(known === undefined ? {} : { known }),
  });
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const found = await readPage(work, keeper, pass, iterator);
      if (found === 'too early') return found;
      if (found === 'end') break;
      if (found === 'page that cannot wait') await committer.commit();
      else await committer.afterPage();
      if (states.isOpen(pass) && work.isStopped()) return 'stopped';
    }
  } finally {
    await iterator.return?.();
  }
  states.finish(pass);
  return 'done';
}

/** A call of its own for each page: nothing holds the records of one while the next is waited for. */
async function readPage(
  work: StreamWork,
  keeper: PageKeeper,
  pass: Pass,
  pages: AsyncIterator<Page>,
): Promise<'page' | 'page that cannot wait' | 'end' | 'too early'> {
  const { value: page, done } = await pages.next();
  if (done === true) return 'end';
  if (page.serverTime !== undefined) work.serverTimeMs = Date.parse(page.serverTime);
  if (pass.kind === 'window' && pass.isTooEarly(page.serverTime)) return 'too early';
  // No await from here on: a commit must never see the page without the position after it.
  keeper.keep(pass, page);
  if (page.next === undefined) work.states.finish(pass);
  return page.commitNow === true ? 'page that cannot wait' : 'page';
}
