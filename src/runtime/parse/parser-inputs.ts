import type { Dataset, Lookup } from '../../model/dataset.ts';
import type { ParserDefinition, ParserInput } from '../../model/manifest.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { openRawStream, type RawStream } from '../../store/raw-stream.ts';
import { archivedRecords } from '../dataset/archived-records.ts';
import { type RecordRange, recordPages, type StoredRecord } from '../dataset/datasets.ts';
import { requiredPaths, type RequiredFields } from './expectations.ts';
import { compileJsonSchema } from '../dataset/json-schema.ts';
import { type ReaderOf, recordReader } from '../dataset/record-reader.ts';
import type { RunContext } from '../run-context.ts';
import type { Trail } from '../dataset/trail.ts';
import { StreamDataset } from '../dataset/stream-dataset.ts';

/** One input of a parser, with what is stored for it. */
export interface OpenInput {
  readonly input: ParserInput;
  readonly definition: StreamDefinition;
  readonly raw: RawStream;
  readonly reader: ReaderOf;
}

/** Opens each stream of a parser once, as it is now: what is committed meanwhile is not seen. */
export async function openInputs(
  context: Pick<RunContext, 'manifest' | 'blobs'>,
  parser: ParserDefinition,
): Promise<readonly OpenInput[]> {
  const names = [...new Set(parser.inputs.map(({ stream }) => stream))];
  const opened = new Map(
    await Promise.all(
      names.map(async (name): Promise<[string, Omit<OpenInput, 'input'>]> => {
        const definition = context.manifest.streams.find((stream) => stream.name === name);
        if (definition === undefined) throw new Error(`no stream ${name}`);
        const check = definition.jsonSchema === undefined ? undefined : await compileJsonSchema(definition.jsonSchema);
        return [
          name,
          {
            definition,
            raw: await openRawStream(context.blobs, name),
            reader: recordReader(definition, check, requiredPaths(definition)),
          },
        ];
      }),
    ),
  );
  return parser.inputs.map((input) => {
    const found = opened.get(input.stream);
    if (found === undefined) throw new Error(`no stream ${input.stream}`);
    return { input, ...found };
  });
}

/** How far each input reads. */
export interface ReadPlan {
  /** Stream → commit from which on incremental inputs read; undefined for all. */
  readonly after: (stream: string) => number | undefined;
  /** Leave out versions that were stored before. */
  readonly onlyNew: boolean;
  /** Incremental inputs: only these records. */
  readonly only?: (stream: string) => RecordRange['only'] | undefined;
  /** Listed streams: the newest version of each key of every listing from this number on; undefined for the last one. */
  readonly sinceListing?: ReadonlyMap<string, number>;
  /** Stream → records to hand over in place of what is stored, page by page. */
  readonly instead?: ReadonlyMap<string, () => AsyncIterable<readonly StoredRecord[]>>;
}

export interface DatasetParts {
  readonly trail: Trail;
  readonly reject: (stream: string, stored: StoredRecord, problem: unknown) => void;
  readonly isLeftOut: (stream: string, stored: StoredRecord) => boolean;
  readonly outside: <T>(work: () => T) => T;
  readonly required: ReadonlyMap<string, RequiredFields>;
  /** How many records of a look-up are held in memory; undefined for the default. */
  readonly recordsInMemory?: number;
}

/** The datasets of a parser, one for each input, in order. */
export function openDatasets(
  inputs: readonly OpenInput[],
  plan: ReadPlan,
  { trail, reject, isLeftOut, outside, required, recordsInMemory }: DatasetParts,
): readonly StreamDataset[] {
  return inputs.map(({ input, definition, raw, reader }) => {
    const { name } = definition;
    const fields = required.get(name);
    return new StreamDataset({
      definition,
      trail,
      outside,
      open: () => recordsOf({ input, definition, raw, reader }, plan),
      reader: (stored) => {
        fields?.see(stored.data ?? stored.record);
        return reader.read(stored);
      },
      reject: (stored, problem) => reject(name, stored, problem),
      isLeftOut: (stored) => isLeftOut(name, stored),
      ...(recordsInMemory === undefined ? {} : { recordsInMemory }),
    });
  });
}

/** What is handed to the parser: lookups are built before it starts. */
export async function injected(
  inputs: readonly OpenInput[],
  datasets: readonly StreamDataset[],
): Promise<readonly (Dataset<unknown> | Lookup<unknown>)[]> {
  const values: (Dataset<unknown> | Lookup<unknown>)[] = [];
  for (const [index, dataset] of datasets.entries()) {
    values.push(inputs[index]?.input.mode === 'latest' ? await dataset.latest() : dataset);
  }
  return values;
}

function recordsOf(
  { input, definition, raw, reader }: OpenInput,
  plan: ReadPlan,
): AsyncIterable<readonly StoredRecord[]> {
  const { mode } = input;
  const { everyNumber } = reader;
  const upTo = raw.head?.number ?? 0;
  const instead = plan.instead?.get(definition.name);
  if (instead !== undefined) return instead();
  if (mode === 'archived') return eachAlone(archivedRecords(raw, definition, { upTo, everyNumber }));
  return recordPages(raw, definition, rangeOf({ input, definition, raw, reader }, plan));
}

/** What an input reads of its stream by a plan. */
export function rangeOf({ input, definition, raw, reader }: OpenInput, plan: ReadPlan): RecordRange {
  const since = plan.sinceListing?.get(definition.name);
  const isNew = input.mode === 'incremental';
  const after = isNew ? plan.after(definition.name) : undefined;
  const only = isNew ? plan.only?.(definition.name) : undefined;
  return {
    upTo: raw.head?.number ?? 0,
    everyNumber: reader.everyNumber,
    pages: reader.pages,
    // The next parse begins behind the newest commit: what a listing under way has brought by then would be passed over.
    ...(after === undefined ? { andUnderWay: isNew } : { after, onlyNew: plan.onlyNew }),
    ...(since === undefined ? {} : { sinceListing: since }),
    ...(only === undefined ? {} : { only }),
  };
}

async function* eachAlone(records: AsyncIterable<StoredRecord>): AsyncIterable<readonly StoredRecord[]> {
  for await (const record of records) yield [record];
}
