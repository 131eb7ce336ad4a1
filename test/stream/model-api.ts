import { SassyError } from '../../src/errors/sassy-error.ts';
import { json } from '../../src/http/json-body.ts';
import type { HttpClient, JsonResponse, PageRequest } from '../../src/model/http.ts';
import type { SeededRandom } from '../store/seeded-random.ts';

/** One version of a row. `seq` is given once: what is stored can be compared with what there was. */
export interface Row {
  readonly id: string;
  readonly org: string;
  readonly seq: number;
  readonly updated_at: string;
}

export interface ModelApiOptions {
  /** Lists by time, oldest first; else by key. */
  readonly sorted: boolean;
  /** How late a row may become visible after its time, in ms. */
  readonly lateMs: number;
  /** How likely each kind of trouble is, per request. */
  readonly unavailable: number;
  readonly expired: number;
  /** Rows are never changed, but their texts differ each time they are shown. */
  readonly immutable?: boolean;
  /** How likely a change is that a row is deleted. */
  readonly deletions?: number;
  /** `until` means "up to and including". */
  readonly untilIsInclusive?: boolean;
}

/** A service whose truth is known: organisations and their issues, changed while they are read. */
export interface ModelApi {
  readonly http: HttpClient;
  readonly requests: number;
  /** The newest version of each row of an organisation that is there. */
  truth(): ReadonlyMap<string, Row>;
  orgs(): readonly string[];
  /** From here on nothing changes and nothing fails. */
  calm(): void;
  /** Time passes, and nothing happens. */
  pass(ms: number): void;
  /** When the first row was written. */
  readonly startMs: number;
  readonly nowMs: number;
  /** Called before each request. */
  onRequest: () => void;
}

const START = Date.UTC(2025, 2, 1);
const PAGE = 3;

export function modelApi(random: SeededRandom, options: ModelApiOptions): ModelApi {
  const rows = new Map<string, Row>();
  const orgs = new Set<string>();
  let nowMs = START;
  let seq = 0;
  let isCalm = false;
  let requests = 0;

  function write(id: string, org: string): void {
    seq += 1;
    // Equal times are common, and rows become visible after rows with later times.
    if (random.chance(0.6)) nowMs += random.int(3) * 500;
    const at = random.chance(0.3) ? nowMs - random.int(options.lateMs) : nowMs;
    rows.set(id, { id, org, seq, updated_at: new Date(Math.max(START, at)).toISOString() });
  }

  function change(): void {
    const known = [...orgs];
    if (known.length === 0 || random.chance(0.05)) orgs.add(`org-${orgs.size}-${random.int(1000)}`);
    const org = random.pick([...orgs]);
    const ids = [...rows.keys()];
    if (ids.length > 0 && options.deletions !== undefined && random.chance(options.deletions)) {
      rows.delete(random.pick(ids));
    } else if (ids.length > 0 && options.immutable !== true && random.chance(0.4)) {
      const row = rows.get(random.pick(ids));
      if (row !== undefined) write(row.id, row.org);
    } else write(`issue-${seq}`, org);
    if (random.chance(0.01) && orgs.size > 2) {
      orgs.delete(org);
      for (const row of rows.values()) if (row.org === org) rows.delete(row.id);
    }
  }

  function answer({ path, query = {} }: PageRequest): unknown {
    const after = typeof query['after'] === 'string' ? query['after'] : '';
    if (path === '/orgs')
      return page(
        [...orgs].sort().map((id) => ({ id, place: id })),
        after,
      );
    const org = path.split('/')[2] ?? '';
    if (!orgs.has(org)) throw new SassyError('API_REFUSED', { message: 'no such organisation', status: 404 });
    const since = typeof query['since'] === 'string' ? query['since'] : '';
    const until = typeof query['until'] === 'string' ? query['until'] : '9999';
    const isBefore = (at: string): boolean => at < until || (options.untilIsInclusive === true && at === until);
    const found = [...rows.values()]
      .filter((row) => row.org === org && row.updated_at >= since && isBefore(row.updated_at))
      .map((row) => (options.immutable === true ? { ...row, shown: requests } : row));
    const placed = found.map((row) => ({ ...row, place: options.sorted ? `${row.updated_at} ${row.id}` : row.id }));
    return page(placed, after);
  }

  function page(items: readonly { readonly place: string }[], after: string): unknown {
    const rest = items.filter(({ place }) => place > after).sort((a, b) => (a.place < b.place ? -1 : 1));
    const data = rest.slice(0, PAGE).map(({ place: _place, ...item }) => item);
    return { data, next: rest.length > PAGE ? rest[PAGE - 1]?.place : undefined };
  }

  const api: ModelApi = {
    get requests() {
      return requests;
    },
    truth: () => rows,
    orgs: () => [...orgs].sort(),
    calm: () => (isCalm = true),
    pass: (ms) => (nowMs += ms),
    startMs: START,
    get nowMs() {
      return nowMs;
    },
    onRequest: () => undefined,
    http: {
      async send(request, format = json()): Promise<JsonResponse> {
        requests += 1;
        api.onRequest();
        await Promise.resolve();
        if (!isCalm) {
          for (let changes = random.int(4); changes > 0; changes -= 1) change();
          if (random.chance(options.unavailable))
            throw new SassyError('API_UNAVAILABLE', { message: 'the model is down' });
          if (request.continues === true && random.chance(options.expired))
            throw new SassyError('PAGE_EXPIRED', { message: 'the model forgot the list' });
        }
        const bytes = Buffer.from(JSON.stringify(answer(request)));
        nowMs += 100;
        const url = `https://model.example${request.path}?${new URLSearchParams(
          Object.entries(request.query ?? {}).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
          ),
        ).toString()}`;
        return {
          request: { method: 'GET', url, headers: {} },
          status: 200,
          headers: { 'content-type': 'application/json', date: new Date(nowMs).toUTCString() },
          bytes,
          json: format.parse(bytes),
        };
      },
      originOf: ({ path }) => ({ method: 'GET', url: path }),
      wait: () => Promise.resolve(),
      withoutSecrets: (asked) => asked,
      getJson: () => Promise.reject(new Error('not used')),
    },
  };
  for (let rowsToBegin = random.int(30); rowsToBegin > 0; rowsToBegin -= 1) change();
  change();
  return api;
}
