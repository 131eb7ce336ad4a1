import { ApiError } from './api-error.ts';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const timePattern = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * Reads and checks the query of one request. What was asked for by name counts as known; `finish` refuses the rest, so
 * a handler reads all its parameters first.
 */
export class QueryReader {
  readonly #query: URLSearchParams;
  readonly #known = new Set<string>();

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  text(name: string): string | undefined {
    const values = this.#values(name);
    if (values.length > 1) throw new ApiError(400, `The parameter ${name} was given more than once.`, name);
    return values[0];
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : oneOf(name, value, allowed);
  }

  flag(name: string): boolean | undefined {
    const value = this.choice(name, ['true', 'false']);
    return value === undefined ? undefined : value === 'true';
  }

  uuid(name: string): string | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : checkedUuid(name, value);
  }

  /** Comma separated, repeated, or both; undefined when it was not given. */
  list(name: string): readonly string[] | undefined {
    const values = this.#values(name);
    return values.length === 0 ? undefined : values.flatMap((value) => value.split(','));
  }

  choices<T extends string>(name: string, allowed: readonly T[]): readonly T[] | undefined {
    return this.list(name)?.map((value) => oneOf(name, value, allowed));
  }

  uuids(name: string): readonly string[] | undefined {
    return this.list(name)?.map((value) => checkedUuid(name, value));
  }

  /** An RFC 3339 time in ms. */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const [matched, year, month, day] = timePattern.exec(value) ?? [];
    const time = Date.parse(value);
    // Date.parse takes February 31st for March 3rd.
    const dayOfMonth = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate();
    if (matched === undefined || Number.isNaN(time) || dayOfMonth !== Number(day)) {
      throw new ApiError(400, `The parameter ${name} must be an RFC 3339 date-time.`, name);
    }
    return time;
  }

  integer(name: string, limits: { min: number; max: number; step: number; fallback: number }): number {
    const value = this.text(name);
    if (value === undefined) return limits.fallback;
    const number = Number(value);
    const fits = /^\d{1,9}$/.test(value) && number >= limits.min && number <= limits.max && number % limits.step === 0;
    if (fits) return number;
    const multiple = limits.step === 1 ? '' : ` and a multiple of ${limits.step}`;
    throw new ApiError(400, `The parameter ${name} must be ${limits.min} to ${limits.max}${multiple}.`, name);
  }

  finish(): void {
    for (const name of this.#query.keys()) {
      // The name is the client's text: it goes into `source`, where the schema wants it, and not into the prose.
      if (!this.#known.has(name)) throw new ApiError(400, 'The request has a query parameter that is not known.', name);
    }
  }

  #values(name: string): string[] {
    this.#known.add(name);
    return this.#query.getAll(name);
  }
}

export function isUuid(value: string): boolean {
  return uuidPattern.test(value);
}

function checkedUuid(name: string, value: string): string {
  if (!isUuid(value)) throw new ApiError(400, `The parameter ${name} must be a UUID.`, name);
  return value.toLowerCase();
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const match = allowed.find((candidate) => candidate === value);
  if (match === undefined) throw new ApiError(400, `The parameter ${name} must be one of ${allowed.join(', ')}.`, name);
  return match;
}
