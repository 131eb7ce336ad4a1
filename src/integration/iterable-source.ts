import { SassyError } from '../errors/sassy-error.ts';
import type { Page, PageToken } from '../model/page.ts';
import type { PageSource, ReadContext } from '../model/stream.ts';
import { isObject } from '../util/json.ts';
import { recordsAt } from './record-selector.ts';

export interface IterableSourceOptions<Config> {
  /** What is called, as people know it: `S3 ListBuckets`. Stands where other streams have a URL. */
  readonly name: string;
  /**
   * The pages of a slice, in order: an SDK's paginator, a database cursor, any async iterator. Goes on after the page whose
   * `next` is `token`, where a run before this one ended there.
   */
  readonly pages: (context: IterableContext<Config>) => AsyncIterable<IterablePage>;
}

export interface IterableContext<Config> extends Pick<ReadContext<Config>, 'config' | 'slice' | 'since' | 'signal'> {
  readonly token: string | undefined;
}

export interface IterablePage {
  readonly records: readonly unknown[];
  /** Where the list goes on after this page; undefined after the last. */
  readonly next?: string | undefined;
}

/**
 * A stream that does not ask over the integration's HTTP: pages of an SDK's client or of any async iterator.
 *
 * What such a stream lacks follows from that. Raw is the records as JSON, not the service's own bytes: what JSON does not know
 * (dates, bytes) is what `JSON.stringify` makes of it. Login, pacing, retries, egress rule and proxy are the SDK's, and
 * snapshots hold none of its requests, so `record` and `test` cannot replay it.
 */
export function iterableSource<Config>({ name, pages }: IterableSourceOptions<Config>): PageSource<Config> {
  return {
    recordsPointer: '',
    select: recordsAt(''),
    async *read({ config, slice, since, from, signal }): AsyncGenerator<Page> {
      for await (const { records, next } of pages({ config, slice, since, token: tokenIn(from), signal })) {
        signal.throwIfAborted();
        const bytes = Buffer.from(JSON.stringify(records));
        const kept: unknown = JSON.parse(bytes.toString('utf8'));
        yield {
          request: { method: 'CALL', url: `sdk:${encodeURIComponent(name)}` },
          status: 200,
          contentType: 'application/json',
          bytes,
          isJson: true,
          // Of what is stored, so that a later parse sees the very same.
          records: recordsAt('')(kept),
          next: next === undefined ? undefined : { token: next },
        };
      }
    },
  };
}

function tokenIn(from: PageToken | undefined): string | undefined {
  if (from === undefined) return undefined;
  if (isObject(from) && typeof from['token'] === 'string') return from['token'];
  throw new SassyError('STORE_CORRUPT', {
    message: 'The page to go on with has no token',
    fix: 'run the stream with --full to read it from its first page',
  });
}
