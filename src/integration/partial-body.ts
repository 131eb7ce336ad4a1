import { json } from '../http/json-body.ts';
import { DEEPEST } from '../http/json-depth.ts';
import type { BodyFormat } from '../model/body-format.ts';
import type { PartialRecords } from '../model/page.ts';
import type { Paginator } from '../pagination/paginator.ts';
import { parsePointer } from '../util/json-pointer.ts';
import { listScanner, type ScannedList } from '../util/json-scan.ts';
import type { RecordPlan } from './record-plan.ts';

/**
 * A body whose records were not made into objects. Most of what reading a page costs is making them, and streaming looks at
 * no more than whether they fit, their keys and their cursors.
 */
export class PartialBody implements PartialRecords {
  /** With the fields at the plan's pointers. */
  readonly records: readonly unknown[];
  /** See `Page.again`. */
  readonly again: (bytes: Buffer) => (index: number) => unknown;
  readonly #list: ScannedList;

  constructor(list: ScannedList, fields: readonly Field[]) {
    this.#list = list;
    this.again = list.again;
    this.records = Array.from({ length: list.count }, (_, index) => recordOf(fields, (slot) => list.slot(index, slot)));
  }

  /** The body with an empty list of records. */
  get around(): unknown {
    return this.#list.around;
  }

  fits(index: number): boolean {
    return this.#list.fits(index);
  }

  whole(index: number): unknown {
    return this.#list.item(index);
  }
}

/** JSON of which the records at a pointer are read in part, by the plan; undefined where the paginator may look at them. */
export function partialJson(
  pointer: string,
  { plan, paths }: RecordPlan,
  { reads }: Paginator,
): BodyFormat | undefined {
  const path = parsePointer(pointer);
  if (reads === undefined || reads.some((read) => isAlong(parsePointer(read), path))) return undefined;
  const whole = json();
  const fields = fieldsAt(paths);
  const scanner = listScanner(path, plan, paths.length, DEEPEST);
  return {
    ...whole,
    parse(bytes) {
      const list = scanner.scan(bytes);
      return list === undefined ? whole.parse(bytes) : new PartialBody(list, fields);
    },
  };
}

/** One of them leads through where the other ends. */
function isAlong(one: readonly string[], other: readonly string[]): boolean {
  return one.slice(0, other.length).every((name, index) => name === other[index]);
}

/** Which of a record's fields are there: from a slot, or an object of such fields. */
type Field =
  { readonly name: string; readonly slot: number } | { readonly name: string; readonly fields: readonly Field[] };

function fieldsAt(paths: RecordPlan['paths'], level = 0, slots = [...paths.keys()]): readonly Field[] {
  const names = [...new Set(slots.flatMap((slot) => paths[slot]?.[level] ?? []))];
  return names.map((name) => {
    const below = slots.filter((slot) => paths[slot]?.[level] === name);
    const leaf = below.find((slot) => paths[slot]?.length === level + 1);
    return leaf === undefined ? { name, fields: fieldsAt(paths, level + 1, below) } : { name, slot: leaf };
  });
}

function recordOf(fields: readonly Field[], slot: (slot: number) => unknown): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  for (const field of fields) {
    const value = 'slot' in field ? slot(field.slot) : recordOf(field.fields, slot);
    if (value !== undefined) record[field.name] = value;
  }
  return record;
}
