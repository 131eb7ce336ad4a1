import type { Problem } from './definition-problem.ts';

/**
 * What is wrong with a place in a record, given as a field's name or a JSON pointer. A dotted path is the usual slip:
 * taken as a name it would find nothing in any record.
 */
export function pointerProblem(owner: string, what: string, pointer: unknown): Problem | undefined {
  if (typeof pointer !== 'string' || pointer === '') {
    return {
      what: `${owner}: ${what} is ${pointer === '' ? 'empty' : `no text`}`,
      fix: `write a field's name ('id') or a JSON pointer ('/attributes/id')`,
    };
  }
  if (pointer.startsWith('/')) {
    if (!/~(?![01])/.test(pointer)) return undefined;
    return {
      what: `${owner}: ${what} '${pointer}' is no JSON pointer`,
      fix: 'write ~0 for ~ and ~1 for / inside a name (RFC 6901)',
    };
  }
  if (!/[./[\]]/.test(pointer)) return undefined;
  const meant = `/${pointer.replaceAll(/\[(\w+)\]/g, '/$1').replaceAll(/[./]+/g, '/')}`;
  return {
    what: `${owner}: ${what} '${pointer}' is neither a field's name nor a JSON pointer`,
    fix: `write '${meant}'${pointer.includes('/') ? '' : ` (or '/${pointer}' when the field's name really is ${pointer})`}`,
  };
}
