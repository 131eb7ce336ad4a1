import { SassyError } from '../errors/sassy-error.ts';
import { isObject } from '../util/json.ts';
import { parsePointer } from '../util/json-pointer.ts';

/**
 * A copy of a JSON body with a value at a pointer; objects on the way are made where there are none. DEFINITION when the
 * way leads through anything else.
 */
export function withValueAt(body: unknown, pointer: string, value: unknown): unknown {
  return placed(body, parsePointer(pointer), value, pointer);
}

function placed(body: unknown, tokens: readonly string[], value: unknown, pointer: string): unknown {
  const [name, ...rest] = tokens;
  if (name === undefined) return value;
  if (body !== undefined && !isObject(body)) {
    throw new SassyError('DEFINITION', {
      message: `The page token cannot be put at ${pointer} of the request's JSON body`,
      why: `there is no object above "${name}"`,
    });
  }
  // A spread and a computed key, so that a name like __proto__ becomes a key of its own.
  return { ...body, [name]: placed(body?.[name], rest, value, pointer) };
}
