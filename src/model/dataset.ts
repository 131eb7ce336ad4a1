/**
 * The records of one stream, handed to a parser. Lazy: nothing is read until it is iterated, and one page is in
 * memory at a time. Each iteration starts again from the first record.
 */
export interface Dataset<T> extends AsyncIterable<T> {
  /** How many records an iteration yields. Reads the dataset. */
  count(): Promise<number>;
  /**
   * An index over the dataset for lookups from another one. `field` is a field name (`id`), a JSON pointer
   * (`/attributes/key`) or a function; records without that field are left out. When two records share a key the
   * newer one stays. Held in memory up to a budget, then in a temporary file.
   */
  keyBy(field: string | ((record: T) => string | undefined)): Promise<Lookup<T>>;
}

export interface Lookup<T> {
  readonly size: number;
  has(key: string): boolean;
  get(key: string | undefined): T | undefined;
}
