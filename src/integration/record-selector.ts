import { SassyError } from '../errors/sassy-error.ts';
import type { RecordPlace } from '../model/stream.ts';
import { isObject } from '../util/json.ts';
import { parsePointer, pointerReader } from '../util/json-pointer.ts';

/**
 * Takes the records out of a body. Throws when they are not where they should be; never gives an empty page instead.
 * `place` has the slice: where a record does not say whose it is, `(body, { slice }) => [{ bucket: slice.bucket, ...body }]`.
 */
export type RecordSelector = (body: unknown, place: RecordPlace) => readonly unknown[];

/** The array at a JSON pointer (`/data`, `/result/items`, a field's name); `''` is the body itself. */
export function recordsAt(pointer: string): (body: unknown) => readonly unknown[] {
  const read = pointerReader(pointer);
  return (body) => {
    const found = read(body);
    if (Array.isArray(found)) return found;
    throw wrongAnswer(pointer, body, found);
  };
}

/**
 * For services that leave the field out when the list is empty (Google's APIs do: proto3 JSON omits empty lists,
 * https://protobuf.dev/programming-guides/json/), and for lists in XML. A field that is there and holds anything but an array
 * still throws; so does an answer that has nothing at `within`, the element that must be there: `/ListBucketsResult`.
 */
export function optionalRecordsAt(
  pointer: string,
  { within }: { readonly within?: string } = {},
): (body: unknown) => readonly unknown[] {
  const read = pointerReader(pointer);
  const readAround = pointerReader(within ?? '');
  return (body) => {
    const found = read(body);
    if (Array.isArray(found)) return found;
    if (found === undefined && isObject(body) && readAround(body) !== undefined) return [];
    throw wrongAnswer(pointer, body, found);
  };
}

/** The pointer as it is kept: always with its slash. */
export function wholePointer(pointer: string): string {
  return pointer === '' || pointer.startsWith('/') ? pointer : `/${pointer}`;
}

function wrongAnswer(pointer: string, body: unknown, found: unknown): SassyError {
  const place = parsePointer(pointer).length === 0 ? 'the answer is no array' : `the answer has no array at ${pointer}`;
  return new SassyError('API_WRONG_ANSWER', {
    message: `${place}: ${found === undefined ? 'there is nothing' : `it is ${kindOf(found)}`}`,
    why: isObject(body) ? `the answer has ${outline(body)}` : `the answer is ${kindOf(body)}`,
    fix: `set the stream's \`records\` to where the array of records lies${suggestion(body)}`,
  });
}

function outline(body: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(body).map(([name, value]) => `${name} (${kindOf(value)})`);
  if (fields.length === 0) return 'no fields';
  return fields.length > 8 ? `${fields.slice(0, 8).join(', ')}, …` : fields.join(', ');
}

function suggestion(body: unknown): string {
  if (Array.isArray(body)) return ": ''";
  if (!isObject(body)) return '';
  const arrays = Object.entries(body).filter(([, value]) => Array.isArray(value));
  return arrays.length === 0 ? '' : `: ${arrays.map(([name]) => `'/${name}'`).join(' or ')}`;
}

/** A value's kind in words; never the value, which may be anything. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}
