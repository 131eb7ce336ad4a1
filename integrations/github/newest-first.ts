import { httpSource, linkHeader, recordsAt } from 'sassy';
import type { PageRequest, PageSource, RequestContext } from 'sassy';

/**
 * The field by which GitHub sorts alerts. Those that were never touched have no `updated_at`, or null (secret scanning says so
 * in its schema), and are sorted by when they were made.
 */
export const SORTED_BY = ['updated_at', 'created_at'] as const;

/**
 * A list that comes newest first and knows no filter by time (https://docs.github.com/en/rest/dependabot/alerts: sort
 * and direction, no `since`). Its pages are read down to the position of the run before, and not one further.
 *
 * The records of a page are taken from its end, oldest first: those below the position are then the first ones, and the
 * framework counts the first ones of a page as stored already when it is told how many (`overlap`).
 */
export function newestFirst<Config>(request: (context: RequestContext<Config>) => PageRequest): PageSource<Config> {
  const list = recordsAt('');
  const select = (body: unknown): readonly unknown[] => list(body).toReversed();
  const source = httpSource({ request, records: select, paginator: linkHeader() });
  return {
    recordsPointer: undefined,
    select,
    async *read(context) {
      for await (const page of source.read(context)) {
        const overlap = countBefore(page.records, context.since);
        yield overlap === 0 ? page : { ...page, overlap, next: undefined };
        if (overlap > 0) return;
      }
    },
  };
}

/** How many records there are before the first that is not below the position; 0 when everything is asked for. */
function countBefore(records: readonly unknown[], since: string | undefined): number {
  if (since === undefined) return 0;
  const first = records.findIndex((record) => {
    const time = SORTED_BY.map((name) => timeIn(record, name)).find((found) => found !== undefined);
    return time === undefined || Date.parse(time) >= Date.parse(since);
  });
  return first < 0 ? records.length : first;
}

function timeIn(record: unknown, name: string): string | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(record, name)?.value;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  return Number.isNaN(Date.parse(value)) ? undefined : value;
}
