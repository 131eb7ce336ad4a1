import type { z } from 'zod';

/**
 * For the fields of raw records that a parser can do without: undefined where the field is missing or of another type, null
 * where it is null. One odd field must not keep a whole record out.
 */
export function lenient<T extends z.ZodType>(of: T) {
  return of.nullish().catch(undefined);
}
