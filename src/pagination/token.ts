import { notALink } from './next-link.ts';

/** A token as APIs send it: a text or a number. Absent, null, empty and false all say that there is no more. */
export function tokenOf(value: unknown): string | number | undefined {
  if (value === undefined || value === null || value === '' || value === false) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw notALink(value);
  return value;
}
