import { hash } from 'node:crypto';
import type { KnownPage, PageOrigin } from '../../model/page.ts';
import type { ReadContext, StreamDefinition } from '../../model/stream.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { isObject } from '../../util/json.ts';
import { openSpill, type Spill } from '../dataset/spill.ts';

/** About 10 MB; more goes to a temporary file. */
const PAGES_IN_MEMORY = 20_000;

/** What the server can be asked about again, by the request that brought each page. */
export interface ConditionalPages {
  /**
   * For a `ReadContext`. `unconditionally`: a list that is read again because it was lost on the way is asked for whole,
   * because what stayed the same is what led astray.
   */
  ask(unconditionally: boolean): ReadContext['known'];
  close(): void;
}

/**
 * The pages of the last complete `listing` of a stream that says `conditional`; undefined for others. Without a listing
 * there is nothing to ask about, but what comes is kept for the next one. Reads the heads of the pages with the first
 * question. Of two pages for the same request the newer counts.
 */
export function conditionalPages(
  blobs: BlobStore,
  { name, conditional }: Pick<StreamDefinition, 'name' | 'conditional'>,
  listing: number | undefined,
  pagesInMemory = PAGES_IN_MEMORY,
): ConditionalPages | undefined {
  if (conditional !== true) return undefined;
  const memory = new Map<string, KnownPage>();
  let spill: Spill | undefined;
  let read: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    if (listing === undefined) return;
    const raw = await openRawStream(blobs, name);
    for await (const { commit, page, head } of raw.heads({ listing })) {
      const { request, recordCount, validators, same } = head;
      if (validators === undefined) continue;
      const known: KnownPage = { ...(same ?? { commit, page }), recordCount, validators };
      const key = keyOf(request);
      if (memory.size < pagesInMemory || memory.has(key)) memory.set(key, known);
      else (spill ??= openSpill()).replace(key, JSON.stringify(known));
    }
  }

  async function find(request: PageOrigin): Promise<KnownPage | undefined> {
    await (read ??= readAll());
    const key = keyOf(request);
    const text = memory.has(key) ? undefined : spill?.get(key);
    return text === undefined ? memory.get(key) : fromText(text);
  }

  return {
    ask: (unconditionally) => (unconditionally ? async () => undefined : find),
    close: () => spill?.close(),
  };
}

function keyOf({ method, url, body = '' }: PageOrigin): string {
  return hash('sha256', `${method} ${url}\n${body}`, 'base64url').slice(0, 22);
}

/** Only what was written here a moment ago comes in. */
function fromText(text: string): KnownPage | undefined {
  const value: unknown = JSON.parse(text);
  return isKnown(value) ? value : undefined;
}

function isKnown(value: unknown): value is KnownPage {
  return isObject(value) && typeof value['commit'] === 'number' && isObject(value['validators']);
}
