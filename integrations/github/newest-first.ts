import { httpSource, linkHeader, recordsAt } from 'sassy';
import type { PageRequest, PageSource, RequestContext } from 'sassy';

/** The field that the streams' cursor points to. It is seen by the framework alone: neither shown, stored nor parsed. */
export const POSITION = 'sassy_position';

/**
 * A list that comes newest first and knows no filter by time (https://docs.github.com/en/rest/dependabot/alerts: sort
 * and direction, no `since`). Its pages are read down to the position of the run before, and not one further.
 *
 * A page that reaches below the position brings records that are stored already: they are left out of what counts as
 * read. The body stays whole.
 */
export function newestFirst<Config>(request: (context: RequestContext<Config>) => PageRequest): PageSource<Config> {
  const list = recordsAt('');
  const select = (body: unknown): readonly unknown[] => list(body).map(withPosition);
  const source = httpSource({ request, records: select, paginator: linkHeader() });
  return {
    recordsPointer: '',
    select,
    async *read(context) {
      for await (const page of source.read(context)) {
        const { since } = context;
        const records = since === undefined ? page.records : page.records.filter((record) => isSince(record, since));
        const reachedPosition = records.length < page.records.length;
        yield reachedPosition ? { ...page, records, next: undefined } : page;
        if (reachedPosition) return;
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

function isSince(record: unknown, since: string): boolean {
  const time = typeof record === 'object' && record !== null ? timeIn(record, POSITION) : undefined;
  return time === undefined || Date.parse(time) >= Date.parse(since);
}

function timeIn(record: object, name: string): string | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(record, name)?.value;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  return Number.isNaN(Date.parse(value)) ? undefined : value;
}
