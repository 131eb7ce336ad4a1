import { createHash } from 'node:crypto';
import { SassyError } from '../errors/sassy-error.ts';
import { canonicalJson } from '../util/json.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { capOf, type PageAnswer, type PageCap, type Paginator } from './paginator.ts';

export interface OffsetOptions extends PageCap {
  /** The name of the offset in the query. Default `offset`. */
  readonly query?: string;
  /** The offset of the first record. Default 0. */
  readonly first?: number;
  /** JSON pointer to the number of records in all, where the API tells it. */
  readonly total?: string;
  /** JSON pointer to a boolean: there are more. */
  readonly more?: string;
  /** JSON pointer to a boolean: this is the last page. */
  readonly isLast?: string;
  /** JSON pointer in a record to what tells it from others, for the overlap. Default `/id`; else the whole record. */
  readonly key?: string;
  /**
   * Each page after the first begins with the last record of the page before, which must be there: else records were
   * added or removed meanwhile, and some would be missed. False for APIs that take only multiples of the page size, or
   * that filter a page after they have cut it; records may then be missed and nothing would tell.
   */
  readonly overlap?: boolean;
}

/**
 * Records that are counted: `?offset=200&limit=100`. Goes on by as many records as came, so that short pages lose
 * nothing, until the total, the flag or, without both, a page with nothing new.
 *
 * LIST_UNSTABLE when the overlap is not there or the total falls: the streamer reads the slice again, at most twice.
 */
export function offset(options: OffsetOptions = {}): Paginator {
  const { query = 'offset', first = 0, overlap = true } = options;
  const readKey = pointerReader(options.key ?? '/id');
  const readTotal = options.total === undefined ? undefined : pointerReader(options.total);
  const readMore = options.more === undefined ? undefined : pointerReader(options.more);
  const readLast = options.isLast === undefined ? undefined : pointerReader(options.isLast);
  const markOf = (record: unknown): string => {
    const key = readKey(record);
    const named = typeof key === 'string' || typeof key === 'number' ? key : record;
    return createHash('sha256').update(canonicalJson(named)).digest('base64url').slice(0, 16);
  };
  const repeated = ({ request }: PageAnswer): number => (request.memo?.['last'] === undefined ? 0 : 1);

  function checkStable(answer: PageAnswer, total: number | undefined): void {
    const { memo, path } = answer.request;
    const last = memo?.['last'];
    if (last !== undefined) {
      const [again] = answer.records ?? [];
      if (again === undefined) throw unstable(path, 'the last record of the page before is no longer in its place');
      if (markOf(again) !== last) throw unstable(path, 'another record is where the last of the page before was');
    }
    const before = memo?.['total'];
    if (typeof before === 'number' && total !== undefined && total < before) {
      throw unstable(path, `it had ${before} records in all and now has ${total}`);
    }
  }

  return {
    ...capOf(options),
    overlap: repeated,
    next(answer) {
      const { request, json, recordCount } = answer;
      const total = readTotal === undefined ? undefined : told(readTotal(json), 'number', options.total);
      checkStable(answer, total);
      const here = Number(request.query?.[query] ?? first);
      const end = here + recordCount;
      const fresh = recordCount - repeated(answer);
      if (total !== undefined && fresh === 0 && end - first < total) throw fewerThanTold(end - first, total);
      const isLast =
        total !== undefined
          ? end - first >= total
          : readMore !== undefined
            ? !told(readMore(json), 'boolean', options.more)
            : readLast !== undefined
              ? told(readLast(json), 'boolean', options.isLast)
              : fresh === 0;
      if (isLast) return undefined;
      // Without a second record on the page the overlap would ask for the same page again.
      const lastRecord = overlap && recordCount > 1 ? answer.records?.at(-1) : undefined;
      const { last: _last, total: _total, ...kept } = request.memo ?? {};
      const memo = {
        ...kept,
        ...(lastRecord === undefined ? {} : { last: markOf(lastRecord) }),
        ...(total === undefined ? {} : { total }),
      };
      const back = lastRecord === undefined ? 0 : 1;
      return {
        ...request,
        query: { ...request.query, [query]: end - back },
        ...(Object.keys(memo).length === 0 ? {} : { memo }),
      };
    },
  };
}

function unstable(path: string, why: string): SassyError {
  return new SassyError('LIST_UNSTABLE', {
    message: `The list ${path.split('?', 1)[0] ?? ''} changed while it was read`,
    why,
  });
}

function fewerThanTold(came: number, total: number): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The list ends before the total that the API tells',
    why: `${came} of ${total} records came, and the page after them is empty`,
    fix: 'if the total counts records that this login may not see, leave `total` out: the list is then read until nothing comes',
  });
}

function told(value: unknown, type: 'number', at: string | undefined): number;
function told(value: unknown, type: 'boolean', at: string | undefined): boolean;
function told(value: unknown, type: 'number' | 'boolean', at: string | undefined): unknown {
  if (typeof value === type) return value;
  throw new SassyError('API_WRONG_ANSWER', {
    message: 'The page does not say whether there is another',
    why: `a ${type} was expected at ${at ?? 'the root'}, and there is ${value === undefined ? 'nothing' : `a value of type ${typeof value}`}`,
  });
}
