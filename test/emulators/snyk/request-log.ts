import type { SnykRequestLog } from './contract.ts';

/** Remembers every request without what is secret; a status is filled in when it is known. */
export class RequestLog {
  readonly #token: string;
  #entries: { -readonly [Key in keyof SnykRequestLog]: SnykRequestLog[Key] }[] = [];
  #count = 0;

  constructor(token: string) {
    this.#token = token;
  }

  get entries(): readonly SnykRequestLog[] {
    return this.#entries;
  }

  /** The returned entry stands in the log already. */
  add(method: string, path: string, query: URLSearchParams): { readonly at: number; status: number } {
    this.#count += 1;
    const values: Record<string, string> = {};
    for (const name of new Set(query.keys())) {
      values[this.#redacted(name)] = this.#redacted(query.getAll(name).join(','));
    }
    const entry = { method, path: this.#redacted(path), query: values, status: 0, at: this.#count };
    this.#entries.push(entry);
    return entry;
  }

  clear(): void {
    this.#entries = [];
  }

  /** A client may put its token where it does not belong. */
  #redacted(text: string): string {
    return text.replaceAll(this.#token, '[REDACTED]');
  }
}
