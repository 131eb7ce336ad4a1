import type { z } from 'zod';
import { JsonCursor, spelledText } from '../../util/json-cursor.ts';
import { fieldNames, nameAt } from '../../util/json-fields.ts';
import { plainObject, type PlainObject, type PlainSchema } from './plain-schema.ts';
import { compiled, ReaderText, resultText } from './reader-text.ts';

export interface BytesReader {
  /** Where it reads: to be opened on the bytes of a page; says where a value ends. */
  readonly cursor: JsonCursor;
  /** What the schema gives for the object that begins here, or NOT_PLAIN. */
  readonly read: (at: number, depth: number) => unknown;
  /** See PlainReader. */
  readonly asksZod: boolean;
  /** What lies at this path of a record is the same in what is read of it. */
  readonly keeps: (path: readonly string[]) => boolean;
}

/**
 * Reads records of a schema right out of the bytes of a page: no text of the whole, no objects of which copies are made, and
 * nothing of fields that the schema leaves out. It gives what `plainReader` gives for the value that JSON.parse makes of the
 * same bytes; where that cannot be promised the answer is NOT_PLAIN, and the record is for the two of them. Undefined for
 * the same schemas as there.
 */
export function bytesReader(schema: z.ZodType): BytesReader | undefined {
  const object = plainObject(schema);
  if (object === undefined) return undefined;
  const text = new ReaderText();
  const cursor = new JsonCursor();
  const read = compiled(text, objectReader(object, text), { C: cursor, nameAt });
  return (
    read && {
      cursor,
      read: (at, depth) => read(at, depth),
      asksZod: text.asksZod,
      keeps: (path) => keeps(object, path),
    }
  );
}

function keeps(schema: PlainSchema, [name, ...rest]: readonly string[]): boolean {
  switch (schema.kind) {
    case 'optional':
    case 'nullable':
      return keeps(schema.inner, name === undefined ? [] : [name, ...rest]);
    case 'object': {
      const field = schema.fields.find((candidate) => candidate.name === name);
      return name !== undefined && (field === undefined ? schema.keepsOthers : keeps(field.schema, rest));
    }
    case 'asked':
    case 'list':
      return false;
    default:
      // What may be anything is kept as it is; in a text a pointer finds nothing, before as after.
      return true;
  }
}

/** The name of the function that reads an object. */
function objectReader(object: PlainObject, text: ReaderText): string {
  return text.function(object, (name) => {
    const { fields, keepsOthers } = object;
    const names = text.value(fieldNames(new Map(fields.map((field, index) => [field.name, index] as const))));
    const cases = fields.map(
      ({ schema }, index) =>
        `case ${index}: f${index} = ${value(schema, text, 'at')}; if (f${index} === NO) return NO; break;`,
    );
    // A name that stands twice counts as often as it would for JSON.parse: the last one holds.
    const other = keepsOthers
      ? `const o = C.any(at, d); if (o === NO) return NO; (others ??= []).push(n.text, o);`
      : 'if (!C.skip(at, d)) return NO;';
    const lacking = fields.flatMap(({ schema }, index) => (schema.kind === 'optional' ? [] : [`f${index} === NO`]));
    return `function ${name}(at, d) {
  const b = C.bytes;
  if (b[at] !== 123 || d === 0) return NO;
  d -= 1;
  ${fields.map((_field, index) => `let f${index} = NO;`).join(' ')}
  ${keepsOthers ? 'let others;' : ''}
  at += 1;
  if (b[at] <= 32) at = C.blank(at);
  if (b[at] !== 125) for (let n; ;) {
    n = nameAt(C, ${names}, at, n);
    if (n === undefined) return NO;
    at += n.size;
    if (b[at] <= 32) at = C.blank(at);
    switch (n.field) {
      ${cases.join('\n      ')}
      default: if (n.text === '__proto__') return NO; ${other}
    }
    at = C.end;
    if (b[at] <= 32) at = C.blank(at);
    if (b[at] === 125) break;
    if (b[at] !== 44) return NO;
    at += 1;
    if (b[at] <= 32) at = C.blank(at);
  }
  C.end = at + 1;
  ${lacking.length === 0 ? '' : `if (${lacking.join(' || ')}) return NO;`}
  ${resultText(fields, (_field, index) => `f${index} !== NO`)}
  ${keepsOthers ? 'if (others !== undefined) for (let i = 0; i < others.length; i += 2) r[others[i]] = others[i + 1];' : ''}
  return r;
}`;
  });
}

/** An expression for the value that begins at `at`, with `d` objects and lists to go. */
function value(schema: PlainSchema, text: ReaderText, at: string): string {
  switch (schema.kind) {
    case 'text':
    case 'number':
    case 'integer':
    case 'boolean':
      return `C.${schema.kind}(${at})`;
    case 'null':
      return `C.nothing(${at})`;
    case 'any':
      return `C.any(${at}, d)`;
    case 'values':
      return oneOf(schema.values, text, at);
    case 'optional':
      return value(schema.inner, text, at);
    case 'nullable':
      return `(C.bytes[${at}] === 110 ? C.nothing(${at}) : ${value(schema.inner, text, at)})`;
    case 'list':
      return `${listReader(value(schema.item, text, 'at'), text)}(${at}, d)`;
    case 'object':
      return `${objectReader(schema, text)}(${at}, d)`;
    case 'asked':
      return `${askReader(text.asked(schema), text)}(${at}, d)`;
  }
}

function oneOf(values: ReadonlySet<unknown>, text: ReaderText, at: string): string {
  const spelled = [...values].map((option) => (typeof option === 'string' ? spelledText(option) : undefined));
  const known = text.value(spelled.filter((option) => option !== undefined));
  const name = text.fresh('one');
  text.add(`function ${name}(at, d) {
  let v = C.option(at, ${known});
  if (v !== NO) return v;
  v = C.any(at, d);
  return ${text.value(values)}.has(v) ? v : NO;
}`);
  return `${name}(${at}, d)`;
}

function askReader(ask: string, text: ReaderText): string {
  const name = text.fresh('ask');
  text.add(`function ${name}(at, d) { const v = C.any(at, d); return v === NO ? NO : ${ask}(v); }`);
  return name;
}

function listReader(item: string, text: ReaderText): string {
  const name = text.fresh('list');
  text.add(`function ${name}(at, d) {
  const b = C.bytes;
  if (b[at] !== 91 || d === 0) return NO;
  d -= 1;
  let r;
  at += 1;
  if (b[at] <= 32) at = C.blank(at);
  if (b[at] === 93) { C.end = at + 1; return []; }
  for (;;) {
    const e = ${item};
    if (e === NO) return NO;
    // Most lists are short: an empty one grows to hold 17 with its first item.
    if (r === undefined) r = [e];
    else r.push(e);
    at = C.end;
    if (b[at] <= 32) at = C.blank(at);
    if (b[at] === 93) { C.end = at + 1; return r; }
    if (b[at] !== 44) return NO;
    at += 1;
    if (b[at] <= 32) at = C.blank(at);
  }
}`);
  return name;
}
