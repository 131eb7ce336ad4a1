import { isObject } from '../../util/json.ts';

/** What a text from the environment or the command line came to. */
export type Coerced = { readonly value: unknown } | { readonly problem: string };

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/**
 * Turns a text into what a zod schema takes: numbers, booleans and comma lists; everything else stays text. The
 * schema is read by its definition, so that a schema of another copy of zod is understood too.
 */
export function coerceText(text: string, schema: unknown): Coerced {
  const { type, element } = inputType(schema);
  if (type === 'number') return toNumber(text);
  if (type === 'bigint')
    return /^[-+]?\d+$/.test(text.trim()) ? { value: BigInt(text.trim()) } : { problem: 'is not a whole number' };
  if (type === 'boolean') return toBoolean(text);
  if (type === 'array') return toList(text, element);
  return { value: text };
}

/** The outermost zod type that says what a value looks like on its way in. */
function inputType(schema: unknown): { readonly type: unknown; readonly element?: unknown } {
  let def = defOf(schema);
  while (def !== undefined) {
    if ('innerType' in def) def = defOf(def['innerType']);
    else if (def['type'] === 'pipe') def = defOf(defOf(def['in'])?.['type'] === 'transform' ? def['out'] : def['in']);
    else return { type: def['type'], element: def['element'] };
  }
  return { type: undefined };
}

function defOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(schema) && isObject(schema['def']) ? schema['def'] : undefined;
}

function toNumber(text: string): Coerced {
  const number = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? { value: number } : { problem: 'is not a number' };
}

function toBoolean(text: string): Coerced {
  const word = text.trim().toLowerCase();
  if (TRUE.has(word)) return { value: true };
  return FALSE.has(word) ? { value: false } : { problem: 'is not true or false' };
}

function toList(text: string, element: unknown): Coerced {
  const values: unknown[] = [];
  for (const part of text.split(',').map((item) => item.trim())) {
    if (part === '') continue;
    const item = coerceText(part, element);
    if ('problem' in item) return { problem: `has an item that ${item.problem}` };
    values.push(item.value);
  }
  return { value: values };
}
