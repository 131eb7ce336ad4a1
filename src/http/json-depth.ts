import { isObject } from '../util/json.ts';

/** As deep as a body may be. Node parses 200,000 levels and then fails to write 5,000 of them. */
export const DEEPEST = 512;

/**
 * True when a parsed body is nested deeper than `limit`. Asked for each page, so it makes no garbage; its own stack is
 * bounded by the limit.
 */
export function isDeeperThan(value: unknown, limit = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, limit - 1));
  if (!isObject(value)) return false;
  // What JSON.parse makes has own fields alone.
  for (const name in value) if (isDeeperThan(value[name], limit - 1)) return true;
  return false;
}
