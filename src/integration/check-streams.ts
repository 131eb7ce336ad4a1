import type { CursorDefinition, SliceSource, StreamDefinition } from '../model/stream.ts';
import { wholePointer } from './record-selector.ts';
import { expectationProblems, limitProblems } from './check-limits.ts';
import { pointerProblem } from './check-pointer.ts';
import { nameOf } from './decorator-place.ts';
import { isStreamValue, type StreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';
import { durationMs } from './duration.ts';
import type { LoweredStream } from './lower-stream.ts';
import { singular } from './names.ts';
import { isZodType } from './zod-kind.ts';

const STREAM_NAME = /^[a-z][a-z0-9_]{0,62}$/;
const SLICE_FIELD = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LOOK_BACK_MS = 10 * 60_000;

/** Checks each stream and how they refer to each other, and puts parents before their children. */
export function checkStreams(lowered: readonly LoweredStream[]): {
  readonly streams: readonly StreamDefinition[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = lowered.flatMap((stream) => stream.problems);
  const streams: StreamDefinition[] = [];
  for (const { value } of lowered) {
    if (value === undefined) continue;
    problems.push(...ownProblems(value));
    const slices = lowerSlices(value, lowered);
    if ('what' in slices) problems.push(slices);
    streams.push({
      name: value.name,
      record: value.record,
      primaryKey: (typeof value.primaryKey === 'string' ? [value.primaryKey] : (value.primaryKey ?? [])).map(
        wholePointer,
      ),
      ...cursorOf(value),
      slices: 'what' in slices ? { kind: 'whole' } : slices,
      source: value.source,
      ...(value.jsonSchema === undefined ? {} : { jsonSchema: value.jsonSchema }),
      ...(value.failureBudget === undefined ? {} : { failureBudget: value.failureBudget }),
      ...(value.expect === undefined ? {} : { expect: value.expect }),
    });
  }
  problems.push(...duplicates(streams));
  const sorted = parentsFirst(streams);
  return { streams: sorted.streams, problems: [...problems, ...sorted.problems] };
}

/** How people know a stream that is referred to: by its class's name, else by its own. */
export function refName(ref: unknown): string {
  return isStreamValue(ref) ? ref.name : nameOf(ref);
}

function ownProblems(value: StreamValue): readonly Problem[] {
  const { name, record, primaryKey, cursor, lookBack } = value;
  const problems: (Problem | undefined)[] = [];
  const add = (what: string, fix: string): unknown => problems.push({ what: `stream ${name}: ${what}`, fix });
  if (!STREAM_NAME.test(name)) {
    problems.push({
      what: `'${name}' is no name for a stream`,
      fix: 'write small letters, digits and underscores, at most 63, a letter first',
    });
  }
  if (!isZodType(record)) add('record is no zod schema', 'write record: z.looseObject({ … }), with zod 4');
  if (primaryKey === undefined) add('there is no primaryKey', "write primaryKey: 'id', or [] for events without a key");
  const keys = typeof primaryKey === 'string' ? [primaryKey] : (primaryKey ?? []);
  problems.push(...keys.map((key) => pointerProblem(`stream ${name}`, 'primaryKey', key)));
  if (new Set(keys).size < keys.length) add('primaryKey names a field twice', 'name it once');
  if (cursor !== undefined) problems.push(pointerProblem(`stream ${name}`, 'cursor', cursor));
  if (lookBack !== undefined && durationMs(lookBack) === undefined) {
    add(`lookBack '${lookBack}' is no duration`, "write '0s', '30s', '10m', '2h' or '1d'");
  }
  if (value.sorted !== undefined && (cursor === undefined || value.sorted !== 'asc'))
    add('sorted must be asc and needs a cursor', "write sorted: 'asc' beside the cursor, or leave it out");
  if (lookBack !== undefined && cursor === undefined)
    add('there is a lookBack and no cursor', 'give it a cursor, or leave the lookBack out');
  problems.push(...limitProblems(`stream ${name}`, { failureBudget: value.failureBudget }));
  problems.push(...expectationProblems(name, value.expect));
  return problems.filter((problem) => problem !== undefined);
}

function cursorOf({ cursor, lookBack, sorted }: StreamValue): { readonly cursor?: CursorDefinition } {
  if (typeof cursor !== 'string') return {};
  const lookBackMs = lookBack === undefined ? LOOK_BACK_MS : (durationMs(lookBack) ?? LOOK_BACK_MS);
  return { cursor: { pointer: wholePointer(cursor), lookBackMs, ...(sorted === undefined ? {} : { sorted }) } };
}

function lowerSlices({ name, slices }: StreamValue, lowered: readonly LoweredStream[]): SliceSource | Problem {
  if (slices === undefined) return { kind: 'whole' };
  if (slices.kind === 'list') {
    if (slices.slices.length > 0) return slices;
    return {
      what: `stream ${name}: its list of slices is empty, so nothing would ever be read`,
      fix: 'name at least one slice',
    };
  }
  if (slices.parent === undefined) {
    return {
      what: `stream ${name}: each(…) got undefined`,
      fix: 'the parent must be defined above it, in a file that does not import this one',
    };
  }
  const parent = lowered.find(({ ref }) => ref === slices.parent);
  if (parent === undefined) {
    const is = refName(slices.parent);
    return {
      what: `stream ${name} is sliced by ${is}, which is not in streams`,
      fix: `add ${is} to the integration's streams`,
    };
  }
  const parentName = parent.value?.name ?? refName(slices.parent);
  const as = slices.as ?? singular(parentName);
  if (!SLICE_FIELD.test(as))
    return { what: `stream ${name}: '${as}' is no name for a slice's field`, fix: "write each(Parent, { as: 'org' })" };
  const wrongKey = pointerProblem(`stream ${name}`, 'the key of each(…)', slices.key);
  return wrongKey ?? { kind: 'each', parent: parentName, key: wholePointer(slices.key), as };
}

function duplicates(streams: readonly StreamDefinition[]): readonly Problem[] {
  const names = streams.map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => ({
    what: `two streams are named ${name}`,
    fix: `give one of them another name: @Stream({ name: '…', … })`,
  }));
}

function parentsFirst(streams: readonly StreamDefinition[]): {
  readonly streams: readonly StreamDefinition[];
  readonly problems: readonly Problem[];
} {
  const sorted: StreamDefinition[] = [];
  let rest = streams;
  while (rest.length > 0) {
    const waiting = new Set(rest.map(({ name }) => name));
    const ready = rest.filter(({ slices }) => slices.kind !== 'each' || !waiting.has(slices.parent));
    if (ready.length === 0) {
      const names = rest.map(({ name, slices }) => (slices.kind === 'each' ? `${name} by ${slices.parent}` : name));
      const what = `streams are sliced by each other in a circle: ${names.join(', ')}`;
      return { streams, problems: [{ what, fix: 'let one of them be read as a whole' }] };
    }
    sorted.push(...ready);
    rest = rest.filter((stream) => !ready.includes(stream));
  }
  return { streams: sorted, problems: [] };
}
