import { SassyError } from '../errors/sassy-error.ts';
import type { Slice } from '../model/slice.ts';

/**
 * What a stream's `request` is told. `Fields` names the slice's fields where the compiler should know them:
 * `request({ slice }: RequestContext<Config, 'org'>)` makes `slice.org` a string, and any other field an error.
 */
export interface RequestContext<Config = unknown, Fields extends string = string> {
  readonly config: Config;
  /** Reading a field that the slice does not have throws: no request ever goes to `/orgs/undefined/…`. */
  readonly slice: Readonly<Record<Fields, string>>;
  /** Ask for records at or after this time (ISO 8601, UTC). Undefined on the first run: ask for everything. */
  readonly since: string | undefined;
  /**
   * Ask for records before this time alone (ISO 8601, UTC). Undefined: up to now. Never there but for streams with
   * `windows(…)` or `history`.
   */
  readonly until: string | undefined;
}

/** The slice, with fields that throw when they are not there. */
export function guardedSlice(slice: Slice): Slice {
  return new Proxy(slice, {
    get(fields, name) {
      // What JavaScript itself asks of any object (toString, toJSON, then) is no field of a slice.
      if (typeof name === 'symbol') return undefined;
      if (Object.hasOwn(fields, name)) return fields[name];
      if (name in fields || name === 'toJSON' || name === 'then') return fields[name];
      const names = Object.keys(fields);
      throw new SassyError('DEFINITION', {
        message: `request() reads slice.${name}, which this slice does not have`,
        why: names.length === 0 ? 'the stream is read as a whole: it has no slices' : `it has ${names.join(', ')}`,
        fix:
          names.length === 0
            ? `give the stream slices: each(Parent, { as: '${name}' })`
            : `read slice.${names[0] ?? ''}, or name the field with each(Parent, { as: '${name}' })`,
      });
    },
  });
}
