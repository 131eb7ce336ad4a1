import { z } from 'zod';
import { isObject } from '../../util/json.ts';

/** A field that takes at most so many short values is taken for an enumeration. */
const MAX_VALUES = 20;
const MAX_VALUE_LENGTH = 40;
/** Maps from ids to things would make a path of each id. */
const MAX_PATHS = 2_000;
const MAX_DEPTH = 12;
const EXAMPLE_LENGTH = 80;

/** Where something was seen for the first time. */
const First = z.object({
  commit: z.number(),
  /** How many records had been looked at before. */
  record: z.number(),
  example: z.string(),
});

const PathShape = z.object({
  seen: z.number(),
  nulls: z.number(),
  first: First,
  lastCommit: z.number(),
  /** How many records had been looked at when it was seen last. */
  lastRecord: z.number(),
  types: z.record(z.string(), First),
  /** Value → where it came up; undefined once there are too many to be an enumeration. */
  values: z.record(z.string(), First).optional(),
});

/** What the records of a stream look like, path by path (`/attributes/severity`, `/tags/*`), from samples. */
export const Shape = z.object({
  format: z.literal(1),
  /** The commit up to which it was read. */
  upTo: z.number(),
  /** How many records were looked at. */
  records: z.number(),
  paths: z.record(z.string(), PathShape),
  /** Paths that were not taken in, because there are so many. */
  leftOut: z.number(),
  /** Names that stand twice in one object: JSON pointer in the page, `*` for items → where it came up. */
  repeated: z.record(z.string(), First).optional(),
});

type First = z.infer<typeof First>;
export type PathShape = z.infer<typeof PathShape>;
export type Shape = z.infer<typeof Shape>;

export function emptyShape(): Shape {
  return { format: 1, upTo: 0, records: 0, paths: {}, leftOut: 0 };
}

/** Takes one record into the shape, in place. */
export function addToShape(shape: Shape, record: unknown, commit: number): void {
  visit(shape, new Set(), record, '', commit, 0);
  shape.records += 1;
}

/** Takes in the names that stand twice in a page. */
export function addRepeated(shape: Shape, paths: readonly string[], commit: number): void {
  for (const path of paths) {
    shape.repeated ??= {};
    if (Object.keys(shape.repeated).length >= MAX_VALUES || Object.hasOwn(shape.repeated, path)) continue;
    shape.repeated[path] = { commit, record: shape.records, example: '' };
  }
}

/** `visited`: an array's items count once for each record. */
function visit(shape: Shape, visited: Set<string>, value: unknown, path: string, commit: number, depth: number): void {
  if (path !== '') take(shape, visited, value, path, commit);
  if (depth >= MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, 20)) visit(shape, visited, item, `${path}/*`, commit, depth + 1);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      visit(shape, visited, item, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, commit, depth + 1);
    }
  }
}

function take(shape: Shape, visited: Set<string>, value: unknown, path: string, commit: number): void {
  const here: First = { commit, record: shape.records, example: exampleOf(value) };
  let found = Object.hasOwn(shape.paths, path) ? shape.paths[path] : undefined;
  if (found === undefined) {
    if (Object.keys(shape.paths).length >= MAX_PATHS) {
      shape.leftOut += 1;
      return;
    }
    found = { seen: 0, nulls: 0, first: here, lastCommit: commit, lastRecord: shape.records, types: {}, values: {} };
    shape.paths[path] = found;
  }
  const type = typeOf(value);
  if (!visited.has(path)) {
    found.seen += 1;
    if (value === null) found.nulls += 1;
  }
  visited.add(path);
  found.lastCommit = commit;
  found.lastRecord = shape.records;
  if (!Object.hasOwn(found.types, type)) found.types[type] = here;
  if (found.values === undefined || typeof value !== 'string') return;
  if (Object.hasOwn(found.values, value)) return;
  if (value.length > MAX_VALUE_LENGTH || Object.keys(found.values).length >= MAX_VALUES) delete found.values;
  else found.values[value] = here;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function exampleOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `[${value.length} items]` : '{…}';
  return JSON.stringify(value)?.slice(0, EXAMPLE_LENGTH) ?? '';
}
