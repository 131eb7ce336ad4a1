import { InvalidArgumentError } from 'commander';
import { type LimitValue, readLimit } from '../model/limit.ts';
import { toInstant } from '../util/instant.ts';

// What the texts of the command line's options mean. Each throws what commander shows beside the option's name.

export function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export function limit(text: string): LimitValue {
  const found = readLimit(text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError('It must be a number or a share, like 100 or 0.5%.');
}

/** `42` for every stream, or `issues=42,orgs=3`. */
export function commitOf(text: string): (stream: string) => number | undefined {
  if (/^\d+$/.test(text)) return () => positive(text);
  const commits = new Map(
    list(text).map((part): [string, number] => {
      const [stream = '', number = ''] = part.split('=');
      return [stream, positive(number)];
    }),
  );
  return (stream) => commits.get(stream);
}

export function positive(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

export function instant(text: string): string {
  const found = toInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (found !== undefined) return `${found.slice(0, 23)}Z`;
  throw new InvalidArgumentError('It must be a date, or a time with a zone, like 2026-11-01T08:00:00Z.');
}
