import type { z } from 'zod';
import { isDecimalText } from '../../model/exact-text.ts';
import { toInstant } from '../../util/instant.ts';
import { isObject } from '../../util/json.ts';
import { define, ExactNumber } from '../../util/lossless-json.ts';
import type { Problem } from './quarantine-entry.ts';

/** What a schema takes at one place. Of a union: what any of its options takes. */
interface Place {
  bigint: boolean;
  number: boolean;
  string: boolean;
  decimalText: boolean;
  /** `z.coerce.date()`, which would read a time without a zone as local. */
  date: boolean;
  readonly fields: Map<string, Place>;
  rest: Place | undefined;
  items: Place | undefined;
}

export interface ExactFields {
  /** The schema takes bigints, decimal texts or dates: each record is looked at, not only those with long numbers. */
  readonly always: boolean;
  /** Every number must come with its own spelling. */
  readonly everyNumber: boolean;
  /**
   * The record as its schema wants it: numbers that JSON.parse would round become bigints or texts where the schema takes
   * those, text where it says nothing, and a problem where it takes a number only. Changes the record in place.
   */
  convert(record: unknown): { readonly record: unknown; readonly problems: readonly Problem[] };
}

/** Reads a schema once. Only zod's public tags are looked at, so another copy of zod is understood. */
export function exactFields(schema: z.ZodType): ExactFields {
  const seen = new Map<unknown, Place>();
  const found = { always: false, everyNumber: false };
  const root = placeOf(schema, seen, found);
  return {
    ...found,
    convert(record) {
      const problems: Problem[] = [];
      return { record: converted(record, root, '', problems), problems };
    },
  };
}

type Found = { always: boolean; everyNumber: boolean };

function placeOf(schema: unknown, seen: Map<unknown, Place>, found: Found): Place {
  const known = seen.get(schema);
  if (known !== undefined) return known;
  const place: Place = {
    bigint: false,
    number: false,
    string: false,
    decimalText: false,
    date: false,
    fields: new Map(),
    rest: undefined,
    items: undefined,
  };
  seen.set(schema, place);
  fill(schema, place, seen, found);
  return place;
}

function fill(schema: unknown, place: Place, seen: Map<unknown, Place>, found: Found): void {
  const definition = isObject(schema) && isObject(schema['_zod']) ? schema['_zod']['def'] : undefined;
  if (!isObject(definition)) return;
  const inner = (name: string): void => fill(definition[name], place, seen, found);
  switch (definition['type']) {
    case 'bigint':
      found.always = place.bigint = true;
      return;
    case 'number':
    case 'int':
      place.number = true;
      return;
    case 'string':
      place.string = true;
      if (isDecimalText(definition)) found.always = found.everyNumber = place.decimalText = true;
      return;
    case 'date':
      if (definition['coerce'] === true) found.always = place.date = true;
      return;
    case 'object': {
      const shape = isObject(definition['shape']) ? definition['shape'] : {};
      for (const [name, field] of Object.entries(shape)) {
        const there = place.fields.get(name);
        if (there === undefined) place.fields.set(name, placeOf(field, seen, found));
        else fill(field, there, seen, found);
      }
      return;
    }
    case 'array':
    case 'set':
      place.items = placeOf(definition['element'] ?? definition['valueType'], seen, found);
      return;
    case 'tuple':
      for (const item of Array.isArray(definition['items']) ? definition['items'] : []) {
        if (place.items === undefined) place.items = placeOf(item, seen, found);
        else fill(item, place.items, seen, found);
      }
      return;
    case 'record':
      place.rest = placeOf(definition['valueType'], seen, found);
      return;
    case 'union':
      for (const option of Array.isArray(definition['options']) ? definition['options'] : [])
        fill(option, place, seen, found);
      return;
    case 'intersection':
      inner('left');
      return inner('right');
    case 'pipe':
      return inner('in');
    case 'lazy':
      if (typeof definition['getter'] === 'function' && place.fields.size === 0) {
        const target: unknown = definition['getter']();
        if (!seen.has(target)) fill(target, place, seen, found);
        else Object.assign(place, seen.get(target));
      }
      return;
    default:
      inner('innerType');
  }
}

/** Deeper than any API nests; sinks refuse it as well. */
const MAX_DEPTH = 512;

function converted(value: unknown, place: Place | undefined, path: string, problems: Problem[], depth = 0): unknown {
  if (depth > MAX_DEPTH) {
    problems.push({ path: '', message: `it is nested more than ${MAX_DEPTH} levels deep` });
    return value;
  }
  if (value instanceof ExactNumber) return exact(value, place, path, problems);
  if (typeof value === 'number')
    return place?.bigint === true && !place.number && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string') {
    if (place?.date === true && !place.string && toInstant(value) === undefined)
      problems.push({ path, message: wrongDate(value) });
    return value;
  }
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      const next = converted(item, place?.items, `${path}/${index}`, problems, depth + 1);
      if (next !== item) value[index] = next;
    });
    return value;
  }
  if (!isObject(value)) return value;
  for (const name of Object.keys(value)) {
    const item = value[name];
    const next = converted(
      item,
      place?.fields.get(name) ?? place?.rest,
      `${path}/${escaped(name)}`,
      problems,
      depth + 1,
    );
    if (next !== item) define(value, name, next);
  }
  return value;
}

function exact(number: ExactNumber, place: Place | undefined, path: string, problems: Problem[]): unknown {
  const { text } = number;
  if (place?.decimalText === true) return text;
  const value = Number(text);
  if (place?.bigint === true && /^-?\d+$/.test(text))
    return !place.number || !Number.isSafeInteger(value) ? BigInt(text) : value;
  // Where every number comes spelled out, most of them are ordinary ones.
  if (!number.isRounded())
    return place?.bigint === true && Number.isSafeInteger(value) && !place.number ? BigInt(value) : value;
  if (place === undefined || place.string || !(place.number || place.bigint)) return text;
  problems.push({
    path,
    message: `the number ${text} would be rounded: declare z.bigint(), z.string() or decimalText()`,
  });
  return text;
}

function wrongDate(text: string): string {
  const shown = JSON.stringify(text.slice(0, 40));
  return /(?:Z|[+-]\d\d:?\d\d)$/.test(text)
    ? `${shown} is no real time`
    : `${shown} is a time without a zone: say which one with time({ zone: 'UTC' })`;
}

/**
 * zod leaves fields named `__proto__` out of what it gives; they are data. Puts them back, at every depth where input
 * and output are both objects.
 */
export function withProtoFields(input: unknown, output: unknown): unknown {
  if (Array.isArray(input) && Array.isArray(output))
    input.forEach((item, index) => withProtoFields(item, output[index]));
  if (!isObject(input) || !isObject(output) || input === output) return output;
  for (const name of Object.keys(input)) {
    if (name === '__proto__' && !Object.hasOwn(output, name)) define(output, name, input[name]);
    else if (Object.hasOwn(output, name)) withProtoFields(input[name], output[name]);
  }
  return output;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
