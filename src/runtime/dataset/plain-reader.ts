import type { z } from 'zod';
import { NOT_PLAIN, plainObject, type PlainObject, type PlainSchema } from './plain-schema.ts';
import { compiled, ReaderText, resultText } from './reader-text.ts';

export interface PlainReader {
  /** What the schema gives for a value that fits it, or NOT_PLAIN. */
  readonly read: (value: unknown) => unknown;
  /** Some fields are read by zod, which leaves out what is named `__proto__` within them. */
  readonly asksZod: boolean;
}

/**
 * Reads what is plainly right at a fifth of what the schema takes: objects, arrays, texts, numbers, enumerations and the
 * like, copied as zod copies them: unknown fields left out or kept, fields in the order of the schema. Fields of other kinds
 * (checks, formats, transforms, …) are asked of zod one by one. Where anything is not right, or missing, the answer
 * is NOT_PLAIN, and the whole is for zod. Undefined for schemas that are no plain object, and where a
 * process may not compile code.
 */
export function plainReader(schema: z.ZodType): PlainReader | undefined {
  const object = plainObject(schema);
  if (object === undefined) return undefined;
  const text = new ReaderText();
  const made = compiled(text, objectReader(object, text), { PROTO: Object.prototype });
  return made === undefined ? undefined : { read: (value): unknown => made(value), asksZod: text.asksZod };
}

/** `safeParse` of a schema, quicker for values that are plainly right. */
export function safeReader(schema: z.ZodType): (value: unknown) => z.ZodSafeParseResult<unknown> {
  const plain = plainReader(schema);
  if (plain === undefined) return (value) => schema.safeParse(value);
  return (value) => {
    const data = plain.read(value);
    return data === NOT_PLAIN ? schema.safeParse(value) : { success: true, data };
  };
}

/** The name of the function that reads an object. */
function objectReader(object: PlainObject, text: ReaderText): string {
  return text.function(object, (name) => {
    const { fields, keepsOthers } = object;
    const lines = fields.map(
      (field, index) => `let f${index} = v[${JSON.stringify(field.name)}]; ${check(field.schema, `f${index}`, text)}`,
    );
    const known = keepsOthers ? text.value(new Set(fields.map((field) => field.name))) : '';
    // Own fields of the name __proto__ would be lost: zod leaves them out, and they are put back by who called this.
    return `function ${name}(v) {
  if (typeof v !== 'object' || v === null || v.__proto__ !== PROTO) return NO;
  ${lines.join('\n  ')}
  ${resultText(fields, (field, index) => `f${index} !== undefined || ${JSON.stringify(field.name)} in v`)}
  ${keepsOthers ? `for (const k in v) if (!${known}.has(k)) r[k] = v[k];` : ''}
  return r;
}`;
  });
}

/** Statements that end the function when the variable does not fit, and leave in it what the schema gives. */
function check(schema: PlainSchema, name: string, text: ReaderText): string {
  switch (schema.kind) {
    case 'text':
      return `if (typeof ${name} !== 'string') return NO;`;
    case 'boolean':
      return `if (typeof ${name} !== 'boolean') return NO;`;
    case 'integer':
      return `if (!Number.isSafeInteger(${name})) return NO;`;
    case 'number':
      return `if (!Number.isFinite(${name})) return NO;`;
    case 'null':
      return `if (${name} !== null) return NO;`;
    case 'any':
      return `if (${name} === undefined) return NO;`;
    case 'values':
      return `if (!${text.value(schema.values)}.has(${name})) return NO;`;
    case 'optional':
      return `if (${name} !== undefined) { ${check(schema.inner, name, text)} }`;
    case 'nullable':
      return `if (${name} !== null) { ${check(schema.inner, name, text)} }`;
    case 'list': {
      const [copy, index, item] = [text.fresh('c'), text.fresh('i'), text.fresh('e')];
      return `if (!Array.isArray(${name})) return NO;
  const ${copy} = new Array(${name}.length);
  for (let ${index} = 0; ${index} < ${copy}.length; ${index} += 1) {
    let ${item} = ${name}[${index}]; ${check(schema.item, item, text)} ${copy}[${index}] = ${item};
  }
  ${name} = ${copy};`;
    }
    case 'object':
      return `${name} = ${objectReader(schema, text)}(${name}); if (${name} === NO) return NO;`;
    case 'asked':
      // What a missing field means is for the schema of the whole to say.
      return `if (${name} === undefined) return NO;
  ${name} = ${text.asked(schema)}(${name}); if (${name} === NO) return NO;`;
  }
}
