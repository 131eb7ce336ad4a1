/** A JSON object: own keys to unknown values. Arrays are not objects here. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Canonical JSON: object keys sorted at every depth, so equal values give equal text. */
export function canonicalJson(value: unknown): string {
  // Most of what is asked for is sorted as it is, and the native way is several times as fast.
  if (isSorted(value)) return JSON.stringify(value);
  return JSON.stringify(value, (_key, item: unknown) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : item,
  );
}

/** True when sorting would change nothing at any depth; false also for what decides itself what it is as JSON. */
function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  if ('toJSON' in value) return false;
  let before = '';
  for (const [key, item] of Object.entries(value)) {
    if (key < before || !isSorted(item)) return false;
    before = key;
  }
  return true;
}
