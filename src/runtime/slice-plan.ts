import { SassyError } from '../errors/sassy-error.ts';
import type { Slice } from '../model/slice.ts';
import type { StreamDefinition } from '../model/stream.ts';
import { pointerReader } from '../util/json-pointer.ts';

/**
 * The slices of a stream, in a stable order. Children are driven from the parent's raw data that is already stored:
 * the parent is never listed again for them.
 */
export async function planSlices(
  definition: StreamDefinition,
  parentRecords: (stream: string) => AsyncIterable<unknown>,
): Promise<readonly Slice[]> {
  const { slices } = definition;
  if (slices.kind === 'whole') return [{}];
  if (slices.kind === 'list') return slices.slices;
  const read = pointerReader(slices.key);
  const values = new Set<string>();
  for await (const record of parentRecords(slices.parent)) {
    const value = read(record);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new SassyError('API_WRONG_ANSWER', {
        message: `a record of ${slices.parent} has no value at ${slices.key}, which ${definition.name} is sliced by`,
        fix: `name another field in ${definition.name}: each(…, { key: '/…' })`,
      });
    }
    values.add(String(value));
  }
  return [...values].sort().map((value) => ({ [slices.as]: value }));
}
