import { SassyError } from '../../errors/sassy-error.ts';
import { type Slice, sliceKey } from '../../model/slice.ts';
import type { SliceSource } from '../../model/slice-source.ts';
import { isObject } from '../../util/json.ts';
import { pointerReader } from '../../util/json-pointer.ts';

export interface SliceOrigin {
  /** The stream's name, for messages. */
  readonly stream: string;
  readonly config: unknown;
  /** The newest stored version of each record of a parent. */
  readonly parentRecords: (stream: string) => AsyncIterable<unknown>;
}

/**
 * The slices of a stream, in a stable order. Children are driven from the parent's raw data that is already stored:
 * the parent is never listed again for them. DEFINITION when the config gives what are no slices.
 */
export async function planSlices(source: SliceSource, origin: SliceOrigin): Promise<readonly Slice[]> {
  if (source.kind === 'whole') return [{}];
  if (source.kind === 'list') return source.slices;
  if (source.kind === 'config') return fromConfig(source.slices, origin);
  if (source.kind === 'each') return fromParent(source, origin);
  let slices: readonly Slice[] = [{}];
  for (const factor of source.factors) {
    const others = await planSlices(factor, origin);
    slices = slices.flatMap((slice) => others.map((other) => together(slice, other, origin.stream)));
  }
  return slices;
}

async function fromParent(
  { parent, key, as }: SliceSource & { readonly kind: 'each' },
  { stream, parentRecords }: SliceOrigin,
): Promise<readonly Slice[]> {
  const read = pointerReader(key);
  const values = new Set<string>();
  for await (const record of parentRecords(parent)) {
    const value = read(record);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new SassyError('API_WRONG_ANSWER', {
        message: `a record of ${parent} has no value at ${key}, which ${stream} is sliced by`,
        fix: `name another field in ${stream}: each(…, { key: '/…' })`,
      });
    }
    values.add(String(value));
  }
  return [...values].sort().map((value) => ({ [as]: value }));
}

/** What an author's function gives; the same slice twice is read once. */
function fromConfig(
  slices: (SliceSource & { readonly kind: 'config' })['slices'],
  { stream, config }: SliceOrigin,
): readonly Slice[] {
  const given = slices({ config });
  if (!Array.isArray(given) || !given.every(isSlice)) {
    throw new SassyError('DEFINITION', {
      message: `the slices that ${stream} makes of its config are no list of objects with texts as their fields`,
      fix: `let the function return a list: ({ config }) => config.regions.map((region) => ({ region }))`,
    });
  }
  return [...new Map(given.map((slice) => [sliceKey(slice), slice])).values()];
}

function together(slice: Slice, other: Slice, stream: string): Slice {
  const twice = Object.keys(other).find((field) => Object.hasOwn(slice, field));
  if (twice === undefined) return { ...slice, ...other };
  throw new SassyError('DEFINITION', {
    message: `two parts of the slices of ${stream} have a field '${twice}'`,
    fix: `give one of them another name: each(Parent, { as: '…' })`,
  });
}

function isSlice(value: unknown): value is Slice {
  return isObject(value) && Object.values(value).every((part) => typeof part === 'string');
}

/** By what the slice brought last time: the longest chain of pages then runs beside all others, not after them. */
export function largestFirst(
  slices: readonly Slice[],
  recordsOf: (slice: Slice) => number | undefined,
): readonly Slice[] {
  const size = (slice: Slice): number => recordsOf(slice) ?? Infinity;
  return slices.toSorted((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)));
}
