import { SassyError } from '../errors/sassy-error.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';

export interface PageNumberOptions extends Omit<PageCap, 'pageSize'> {
  /** The name of the number in the query. Default `page`. */
  readonly query?: string;
  /** The number of the first page. Default 1. */
  readonly first?: number;
  /** JSON pointer to the number of pages, where the API tells it. */
  readonly totalPages?: string;
  /** JSON pointer to a boolean: there are more pages. */
  readonly more?: string;
  /**
   * Only for APIs that promise full pages: a page with fewer records than this is the last. Without it the pages go on
   * until an empty one, because many APIs filter a page after they have cut it.
   */
  readonly fullPage?: number;
}

/** Pages that are counted: `?page=2`. */
export function pageNumber(options: PageNumberOptions = {}): Paginator {
  const { query = 'page', first = 1, fullPage } = options;
  const totalPages = options.totalPages === undefined ? undefined : pointerReader(options.totalPages);
  const more = options.more === undefined ? undefined : pointerReader(options.more);
  return {
    ...capOf(options),
    reads: [options.totalPages, options.more].filter((pointer) => pointer !== undefined),
    next({ request, json, recordCount }) {
      const number = Number(request.query?.[query] ?? first);
      const isLast =
        totalPages !== undefined
          ? number - first + 1 >= expect(totalPages(json), 'number', options.totalPages)
          : more !== undefined
            ? !expect(more(json), 'boolean', options.more)
            : recordCount < (fullPage ?? 1);
      return isLast ? undefined : { ...request, query: { ...request.query, [query]: number + 1 } };
    },
  };
}

function expect(value: unknown, type: 'number', at: string | undefined): number;
function expect(value: unknown, type: 'boolean', at: string | undefined): boolean;
function expect(value: unknown, type: 'number' | 'boolean', at: string | undefined): unknown {
  if (typeof value === type) return value;
  throw new SassyError('API_WRONG_ANSWER', {
    message: 'The page does not say whether there is another',
    why: `a ${type} was expected at ${at ?? 'the root'}, and there is ${value === undefined ? 'nothing' : `a value of type ${typeof value}`}`,
  });
}
