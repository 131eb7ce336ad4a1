import type { SliceSource, WindowDefinition } from '../model/slice-source.ts';
import { toInstant } from '../util/instant.ts';
import { isObject } from '../util/json.ts';
import { pointerProblem } from './check-pointer.ts';
import { nameOf } from './decorator-place.ts';
import { isStreamValue, type StreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';
import { durationMs } from './duration.ts';
import type { LoweredStream } from './lower-stream.ts';
import { singular } from './names.ts';
import { wholePointer } from './record-selector.ts';

const SLICE_FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface LoweredSlices {
  readonly slices: SliceSource;
  /** Not a dimension of the slices, but how each of them is read. */
  readonly windows?: WindowDefinition;
}

/** How people know a stream that is referred to: by its class's name, else by its own. */
export function refName(ref: unknown): string {
  return isStreamValue(ref) ? ref.name : nameOf(ref);
}

/** What an author said about a stream's slices, as plain data, or what is wrong with it. */
export function lowerSlices(stream: StreamValue, lowered: readonly LoweredStream[]): LoweredSlices | Problem {
  const { name, slices }: { readonly name: string; readonly slices?: unknown } = stream;
  if (slices === undefined) return { slices: { kind: 'whole' } };
  if (!isObject(slices) || slices['kind'] !== 'product') return asProduct(name, [slices], stream, lowered);
  const { factors } = slices;
  if (Array.isArray(factors) && factors.length > 0) return asProduct(name, factors, stream, lowered);
  return { what: `stream ${name}: product() of nothing`, fix: 'write product(each(Accounts), list(…))' };
}

function asProduct(
  name: string,
  options: readonly unknown[],
  stream: StreamValue,
  lowered: readonly LoweredStream[],
): LoweredSlices | Problem {
  const factors: SliceSource[] = [];
  const fields = new Set<string>();
  let windows: WindowDefinition | undefined;
  for (const option of options) {
    if (isKind(option, 'windows')) {
      if (windows !== undefined) return { what: `stream ${name}: windows(…) twice`, fix: 'leave one of them' };
      const found = lowerWindows(name, option, stream);
      if ('what' in found) return found;
      windows = found;
      continue;
    }
    const factor = lowerFactor(name, option, lowered);
    if ('what' in factor) return factor;
    for (const field of fieldsOf(factor)) {
      if (fields.has(field)) {
        const what = `stream ${name}: two parts of its slices have a field '${field}'`;
        return { what, fix: `give one of them another name: each(Parent, { as: '…' })` };
      }
      fields.add(field);
    }
    factors.push(factor);
  }
  const [only] = factors;
  const slices: SliceSource =
    only === undefined ? { kind: 'whole' } : factors.length === 1 ? only : { kind: 'product', factors };
  return { slices, ...(windows === undefined ? {} : { windows }) };
}

function lowerFactor(name: string, option: unknown, lowered: readonly LoweredStream[]): SliceSource | Problem {
  if (isFunction(option)) return { kind: 'config', slices: option };
  if (isKind(option, 'list')) return lowerList(name, option['slices']);
  if (isKind(option, 'each')) return lowerEach(name, option, lowered);
  return {
    what: `stream ${name}: its slices are nothing that can be read by`,
    fix: 'write each(Parent), list([…]), windows({…}), ({ config }) => [{ … }], or a product(…) of these',
  };
}

function lowerList(name: string, slices: unknown): SliceSource | Problem {
  if (!Array.isArray(slices) || slices.length === 0) {
    return {
      what: `stream ${name}: its list of slices is empty, so nothing would ever be read`,
      fix: 'name at least one slice',
    };
  }
  if (slices.every(isSlice)) return { kind: 'list', slices };
  return {
    what: `stream ${name}: a slice of its list is no object with texts as its fields`,
    fix: "write list([{ region: 'eu-west-1' }]), or list('region', ['eu-west-1'])",
  };
}

function lowerEach(
  name: string,
  { parent: ref, key, as: given }: Readonly<Record<string, unknown>>,
  lowered: readonly LoweredStream[],
): SliceSource | Problem {
  if (ref === undefined) {
    return {
      what: `stream ${name}: each(…) got undefined`,
      fix: 'the parent must be defined above it, in a file that does not import this one',
    };
  }
  const parent = lowered.find((stream) => stream.ref === ref);
  if (parent === undefined) {
    const is = refName(ref);
    return {
      what: `stream ${name} is sliced by ${is}, which is not in streams`,
      fix: `add ${is} to the integration's streams`,
    };
  }
  const parentName = parent.value?.name ?? refName(ref);
  const as = given === undefined ? singular(parentName) : given;
  if (typeof as !== 'string' || !SLICE_FIELD.test(as)) {
    const what = `stream ${name}: '${typeof as === 'string' ? as : typeof as}' is no name for a slice's field`;
    return { what, fix: "write each(Parent, { as: 'org' })" };
  }
  const wrongKey = pointerProblem(`stream ${name}`, 'the key of each(…)', key);
  if (wrongKey !== undefined) return wrongKey;
  return { kind: 'each', parent: parentName, key: wholePointer(String(key)), as };
}

function lowerWindows(
  name: string,
  { size, from }: Readonly<Record<string, unknown>>,
  { cursor }: StreamValue,
): WindowDefinition | Problem {
  if (cursor === undefined) {
    return { what: `stream ${name}: windows(…) needs a cursor`, fix: 'name the field that orders its records in time' };
  }
  const sizeMs = typeof size === 'string' ? durationMs(size) : undefined;
  if (sizeMs === undefined || sizeMs === 0)
    return { what: `stream ${name}: windows of '${String(size)}' are no duration`, fix: "write size: '30d', or '12h'" };
  if (isFunction(from)) return { sizeMs, from };
  const instant = typeof from === 'string' ? toInstant(from) : undefined;
  if (instant !== undefined) return { sizeMs, from: instant };
  const what = `stream ${name}: windows from '${String(from)}' are from no time with a zone`;
  return { what, fix: "write from: '2020-01-01T00:00:00Z', or ({ config }) => config.startDate" };
}

function fieldsOf(factor: SliceSource): readonly string[] {
  if (factor.kind === 'each') return [factor.as];
  return factor.kind === 'list' ? [...new Set(factor.slices.flatMap((slice) => Object.keys(slice)))] : [];
}

function isKind(value: unknown, kind: string): value is Readonly<Record<string, unknown>> {
  return isObject(value) && value['kind'] === kind;
}

function isSlice(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((part) => typeof part === 'string');
}

function isFunction(value: unknown): value is (context: { readonly config: unknown }) => unknown {
  return typeof value === 'function';
}
