import { isObject } from '../util/json.ts';

/** As deep as a body may be. Node parses 200,000 levels and then fails to write 5,000 of them. */
export const DEEPEST = 512;

/** True when a parsed body is nested deeper than `limit`. Level by level, so that its own stack stays flat. */
export function isDeeperThan(value: unknown, limit = DEEPEST): boolean {
  let level = containersIn([value]);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => containersIn(Array.isArray(item) ? item : Object.values(item)));
  }
  return false;
}

function containersIn(values: readonly unknown[]): readonly object[] {
  return values.filter((value): value is object => Array.isArray(value) || isObject(value));
}
