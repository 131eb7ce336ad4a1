import { join } from 'node:path';
import { hasCode } from '../../errors/error-code.ts';
import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { repeatedNames } from '../../util/json-names.ts';
import { jsonTextOf, pageRecords, plainRecord } from '../dataset/page-records.ts';
import type { RunContext } from '../run-context.ts';
import { addRepeated, addToShape, emptyShape, type PathShape, Shape } from './shape.ts';

/** Of the pages after a commit's first one, each so many-th record is looked at; and each that fails its schema. */
const SAMPLE = 100;
/** So many records must have been seen before a difference means something. */
const ENOUGH = 20;
/** An enumeration shows most of its values in so many records. */
const ENOUGH_FOR_VALUES = 50;

export interface ShapeChange {
  readonly stream: string;
  readonly kind: 'appeared' | 'vanished' | 'type' | 'value' | 'repeated';
  /** JSON pointer in the record; `*` for the items of an array. Of a name that is repeated: in the page. */
  readonly path: string;
  /** In words: `string, so far null`. */
  readonly what: string;
  readonly example: string;
  readonly commit: number;
}

export interface StreamDrift {
  readonly stream: string;
  /** Records looked at, over all of its history. */
  readonly sampled: number;
  readonly paths: number;
  readonly changes: readonly ShapeChange[];
}

/**
 * What changed in the records of a stream since it is read: reads what was committed since the last call, samples it into
 * the shape that is kept beside the entities, and tells the differences within it that came after commit `since`.
 */
export async function streamDrift(
  context: Pick<RunContext, 'host' | 'blobs' | 'paths'>,
  definition: StreamDefinition,
  since: number,
): Promise<StreamDrift> {
  const file = join(context.paths.parsed, 'drift', `${definition.name}.json`);
  const shape = await readShape(context, file);
  const before = shape.upTo;
  await sample(context, definition, shape);
  if (shape.upTo !== before) await writeShape(context, file, shape);
  return {
    stream: definition.name,
    sampled: shape.records,
    paths: Object.keys(shape.paths).length,
    changes: changesOf(definition.name, shape).filter(({ commit }) => commit > since),
  };
}

async function sample({ blobs }: Pick<RunContext, 'blobs'>, definition: StreamDefinition, shape: Shape): Promise<void> {
  const raw = await openRawStream(blobs, definition.name);
  // A store that was emptied and filled again has other commits under the same numbers.
  if ((raw.head?.number ?? 0) < shape.upTo) Object.assign(shape, emptyShape());
  for await (const commit of raw.commits({ after: shape.upTo })) {
    let page = 0;
    let number = 0;
    for await (const stored of raw.pages({ after: commit.number - 1, upTo: commit.number, changedOnly: true })) {
      if (page === 0) addRepeated(shape, namesTwice(definition, stored), commit.number);
      for (const record of pageRecords(definition, stored).records) {
        const plain = plainRecord(record);
        number += 1;
        if (page === 0 || number % SAMPLE === 0 || !fits(definition, plain)) addToShape(shape, plain, commit.number);
      }
      page += 1;
    }
    shape.upTo = commit.number;
  }
}

/** JSON.parse keeps the last of two fields with one name and tells nothing; a page that cannot be read is told by the parse. */
function namesTwice(definition: StreamDefinition, page: StoredPage): readonly string[] {
  try {
    const text = jsonTextOf(definition, page);
    if (text === undefined) return [];
    JSON.parse(text);
    return repeatedNames(Buffer.from(text));
  } catch {
    return [];
  }
}

function fits({ record }: StreamDefinition, value: unknown): boolean {
  try {
    return record.safeParse(value).success;
  } catch {
    return false;
  }
}

function changesOf(stream: string, { paths, records, repeated = {} }: Shape): readonly ShapeChange[] {
  const what = 'it stands twice in one object: the last one holds, all are in the raw data';
  const changes: ShapeChange[] = Object.entries(repeated).map(([path, { example, commit }]) => {
    return { stream, kind: 'repeated', path, what, example, commit };
  });
  for (const [path, found] of Object.entries(paths)) {
    const parent = paths[path.slice(0, path.lastIndexOf('/'))];
    const add = (kind: ShapeChange['kind'], what: string, at: PathShape['first']): unknown =>
      changes.push({ stream, kind, path, what, example: at.example, commit: at.commit });
    // A new object brings its fields with it: only the object itself is told.
    const parentFirst = parent?.first.record ?? 0;
    if (found.first.record - parentFirst >= ENOUGH) {
      add('appeared', `it was in none of ${found.first.record - parentFirst} records before`, found.first);
    }
    const since = records - 1 - found.lastRecord;
    const parentSince = parent === undefined ? 0 : records - 1 - parent.lastRecord;
    const share = found.seen / Math.max(1, found.lastRecord + 1 - found.first.record);
    if (since - parentSince >= ENOUGH && share >= 0.5) {
      add('vanished', `it is in none of the last ${since} records`, { ...found.first, commit: found.lastCommit + 1 });
    }
    for (const [type, first] of Object.entries(found.types)) {
      if (first.record - found.first.record < ENOUGH) continue;
      const others = Object.entries(found.types).filter(([, other]) => other.record < first.record);
      add('type', `${type}, so far ${others.map(([name]) => name).join(', ')}`, first);
    }
    for (const [value, first] of Object.entries(found.values ?? {})) {
      if (first.record - (found.types['string'] ?? found.first).record < ENOUGH_FOR_VALUES) continue;
      const others = Object.values(found.values ?? {}).filter((other) => other.record < first.record).length;
      add('value', `${JSON.stringify(value)}, besides ${others} values so far`, first);
    }
  }
  return changes.sort((a, b) => a.commit - b.commit || (a.path < b.path ? -1 : 1));
}

async function readShape({ host }: Pick<RunContext, 'host'>, file: string): Promise<Shape> {
  try {
    const parsed = Shape.safeParse(JSON.parse((await host.fs.readFile(file)).toString('utf8')));
    // Of another version of sassy, or not what was written: it is made again from the raw data.
    return parsed.success ? parsed.data : emptyShape();
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return emptyShape();
    throw error;
  }
}

async function writeShape({ host }: Pick<RunContext, 'host'>, file: string, shape: Shape): Promise<void> {
  const temporary = `${file}.${host.random().toString(36).slice(2)}.tmp`;
  await host.fs.mkdir(join(file, '..'));
  await host.fs.writeNew(temporary, [Buffer.from(`${JSON.stringify(shape)}\n`)]);
  await host.fs.rename(temporary, file);
}
