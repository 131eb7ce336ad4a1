import { isObject } from './json.ts';

/**
 * RFC 6901. A path may also be written as a bare field name: `id` means `/id`.
 * `''` is the whole document.
 */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return [pointer];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A reader for one place in many documents; undefined where the place does not exist. Own properties only. */
export function pointerReader(pointer: string): (document: unknown) => unknown {
  const tokens = parsePointer(pointer);
  return (document) => {
    let value = document;
    for (const token of tokens) {
      if (Array.isArray(value)) value = value[Number(token)];
      else if (isObject(value) && Object.hasOwn(value, token)) value = value[token];
      else return undefined;
    }
    return value;
  };
}
