/**
 * The record with each of its fields, at any depth and in the first item of each list, once null, once gone and once of
 * another type: what other accounts and versions of an API may send. Paths that match `keys` (`/id`, `/owner/login`) are
 * left alone: without them a record is nobody's.
 */
export function* variantsOf(
  record: unknown,
  keys: RegExp,
  path = '',
  rebuild = (part: unknown): unknown => part,
): Generator<unknown> {
  if (typeof record !== 'object' || record === null) return;
  if (Array.isArray(record)) {
    yield* variantsOf(record[0], keys, `${path}/0`, (part) => rebuild([part, ...record.slice(1)]));
    return;
  }
  for (const [name, value] of Object.entries(record)) {
    const rest = Object.fromEntries(Object.entries(record).filter(([other]) => other !== name));
    const here = `${path}/${name}`;
    if (!keys.test(here)) {
      yield rebuild({ ...record, [name]: null });
      yield rebuild(rest);
      yield rebuild({ ...record, [name]: { of: 'another type' } });
    }
    yield* variantsOf(value, keys, here, (part) => rebuild({ ...record, [name]: part }));
  }
}
