import { createHash, hash } from 'node:crypto';
import { SassyError } from '../errors/sassy-error.ts';
import type { PageRequest } from '../model/http.ts';
import { canonicalJson } from '../util/json.ts';
import { pagePrints } from './page-prints.ts';

/** Pages without a record, each naming another: no real listing has as many in a row. */
const MOST_EMPTY_PAGES = 100;

/** Watches one pass over one slice. */
export interface LoopGuard {
  /** Before each page is asked for. PAGINATION_LOOP when the same page was asked for in this pass, however long ago. */
  request(request: PageRequest): void;
  /**
   * After each page, with its bytes. PAGINATION_LOOP after more than 100 pages without a record in a row, although they
   * go on; for a stateful listing also when the same request has brought the same bytes before.
   */
  answer(recordCount: number, bytes?: Uint8Array): void;
}

export interface LoopGuardOptions {
  /** One handle for the whole listing: requests repeat, answers do not. */
  readonly stateful?: boolean;
}

/**
 * Finds cycles of any length at their first repeat, with some 25 bytes kept per page. Requests are the same when they ask
 * for the same thing: the order of the query does not matter, nor whether it is written in the path.
 */
export function loopGuard({ stateful = false }: LoopGuardOptions = {}): LoopGuard {
  const prints = pagePrints();
  let empty = 0;
  let asked: PageRequest = { path: '/' };

  function remember(key: bigint, verb: string): void {
    const page = prints.size + 1;
    const before = prints.add(key, page);
    if (before !== undefined) {
      throw loop(`page ${page} ${verb} page ${before} again: ${asked.method ?? 'GET'} ${asked.path.split('?', 1)[0]}`);
    }
  }

  return {
    request(request) {
      asked = request;
      if (!stateful) remember(fingerprint(request), 'would be');
    },
    answer(recordCount, bytes) {
      if (stateful) remember(fingerprint(asked, bytes), 'is');
      empty = recordCount === 0 ? empty + 1 : 0;
      if (empty > MOST_EMPTY_PAGES) {
        throw loop(`pages ${prints.size - empty + 1} to ${prints.size} are empty, and each names another`);
      }
    },
  };
}

function fingerprint(request: PageRequest, bytes?: Uint8Array): bigint {
  const { method = 'GET', path, query = {}, json, form, host, as } = request;
  const start = path.indexOf('?');
  const pairs = start < 0 ? [] : [...new URLSearchParams(path.slice(start + 1))];
  for (const [name, value] of Object.entries(query)) if (value !== undefined) pairs.push([name, String(value)]);
  const pathOnly = start < 0 ? path : path.slice(0, start);
  const text = canonicalJson([
    method,
    pathOnly,
    pairs.map((pair) => pair.join('=')).sort(),
    json ?? form ?? null,
    host ?? null,
    as ?? null,
  ]);
  const print =
    bytes === undefined ? hash('sha1', text, 'buffer') : createHash('sha1').update(text).update(bytes).digest();
  return print.readBigUInt64LE();
}

function loop(why: string): SassyError {
  return new SassyError('PAGINATION_LOOP', {
    message: 'The pages of the API do not end',
    why,
    fix: 'run the same command again; if it stays, the paginator of this stream does not fit the API',
  });
}
