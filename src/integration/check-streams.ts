import { parentsOf } from '../model/slice-source.ts';
import type { StreamDefinition } from '../model/stream.ts';
import { wholePointer } from './record-selector.ts';
import { expectationProblems, limitProblems } from './check-limits.ts';
import { pointerProblem } from './check-pointer.ts';
import type { StreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';
import { flowProblems, lowerFlow } from './lower-flow.ts';
import { lowerSlices } from './lower-slices.ts';
import type { LoweredStream } from './lower-stream.ts';
import { retentionOf, retentionProblems } from './retention-option.ts';
import { isZodType } from './zod-kind.ts';

const STREAM_NAME = /^[a-z][a-z0-9_]{0,62}$/;

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
      ...lowerFlow(value),
      ...('what' in slices ? { slices: { kind: 'whole' } } : slices),
      source: value.source,
      ...(value.jsonSchema === undefined ? {} : { jsonSchema: value.jsonSchema }),
      ...(value.failureBudget === undefined ? {} : { failureBudget: value.failureBudget }),
      ...(value.expect === undefined ? {} : { expect: value.expect }),
      ...retentionOf(value),
      ...(value.conditional === undefined ? {} : { conditional: value.conditional }),
    });
  }
  problems.push(...duplicates(streams));
  const sorted = parentsFirst(streams);
  return { streams: sorted.streams, problems: [...problems, ...sorted.problems] };
}

function ownProblems(value: StreamValue): readonly Problem[] {
  const { name, record, primaryKey } = value;
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
  problems.push(...flowProblems(value));
  problems.push(...limitProblems(`stream ${name}`, { failureBudget: value.failureBudget }));
  problems.push(...expectationProblems(name, value.expect));
  problems.push(...retentionProblems(value));
  return problems.filter((problem) => problem !== undefined);
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
    // One at a time: streams that stand in an order that will do keep it.
    const ready = rest.find(({ slices }) => !parentsOf(slices).some((parent) => waiting.has(parent)));
    if (ready === undefined) {
      const names = rest.map(({ name, slices }) => [name, ...parentsOf(slices)].join(' by '));
      const what = `streams are sliced by each other in a circle: ${names.join(', ')}`;
      return { streams, problems: [{ what, fix: 'let one of them be read as a whole' }] };
    }
    sorted.push(ready);
    rest = rest.filter((stream) => stream !== ready);
  }
  return { streams: sorted, problems: [] };
}
