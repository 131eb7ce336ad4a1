import { httpSource, linkHeader, recordsAt } from 'sassy';
import type { PageRequest, PageSource, RequestContext } from 'sassy';

/** The field that the streams' cursor points to. It is seen by the framework alone: neither shown, stored nor parsed. */
export const POSITION = 'sassy_position';

/**
 * A list that comes newest first and knows no filter by time (https://docs.github.com/en/rest/dependabot/alerts: sort
 * and direction, no `since`). Its pages are read down to the position of the run before, and not one further.
 *
 * The records of a page are taken from its end, oldest first: those below the position are then the first ones, and the
 * framework counts the first ones of a page as stored already when it is told how many (`overlap`).
 */
export function newestFirst<Config>(request: (context: RequestContext<Config>) => PageRequest): PageSource<Config> {
  const list = recordsAt('');
  const select = (body: unknown): readonly unknown[] => list(body).map(withPosition).toReversed();
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

/**
 * Alerts that were never touched have no `updated_at`, or null (secret scanning says so in its schema): GitHub sorts
 * them by `created_at`. The time by which a record was sorted is put beside its fields, not among them.
 */
function withPosition(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record;
  const times = ['updated_at', 'created_at'].map((name) => timeIn(record, name));
  const value = times.find((time) => time !== undefined) ?? '1970-01-01T00:00:00Z';
  return Object.defineProperty(record, POSITION, { value });
}

/** How many records there are before the first that is not below the position; 0 when everything is asked for. */
function countBefore(records: readonly unknown[], since: string | undefined): number {
  if (since === undefined) return 0;
  const first = records.findIndex((record) => {
    const time = typeof record === 'object' && record !== null ? timeIn(record, POSITION) : undefined;
    return time === undefined || Date.parse(time) >= Date.parse(since);
  });
  return first < 0 ? records.length : first;
}

function timeIn(record: object, name: string): string | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(record, name)?.value;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  return Number.isNaN(Date.parse(value)) ? undefined : value;
}
