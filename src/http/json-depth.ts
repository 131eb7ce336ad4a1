import { isObject } from '../util/json.ts';

/** As deep as a body may be. Node parses 200,000 levels and then fails to write 5,000 of them. */
export const DEEPEST = 512;

/**
 * True when a parsed body is nested deeper than `limit`. Asked for each page, so it makes no garbage and calls itself for
 * what has a depth alone; its own stack is bounded by the limit.
 */
export function isDeeperThan(value: unknown, limit = DEEPEST): boolean {
  return typeof value === 'object' && value !== null && isDeeper(value, limit);
}

function isDeeper(value: object, limit: number): boolean {
  if (limit === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null && isDeeper(item, limit - 1)) return true;
    return false;
  }
  if (!isObject(value)) return false;
  // What JSON.parse makes has own fields alone.
  for (const name in value) {
    const field = value[name];
    if (typeof field === 'object' && field !== null && isDeeper(field, limit - 1)) return true;
  }
  return false;
}
