import { createHash } from 'node:crypto';
import { isObject } from '../../util/json.ts';
import type { RecordOrigin } from './page-records.ts';

/** What is wrong at one place of a record or an entity. `path` is a JSON pointer. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** One record or entity in quarantine, as a line of its file. */
export interface QuarantineEntry {
  /** The same for the same record of the same page: a parse that is repeated does not quarantine it twice. */
  readonly id: string;
  /** `record`: does not match the stream's schema; `entity`: led to an entity that does not match its own; `thrown`: the parser threw at it. */
  readonly kind: 'record' | 'entity' | 'thrown';
  /** The stream of the record; the parser's name where no record was in hand. */
  readonly stream: string;
  /** The record's key, as the runtime writes it. */
  readonly key?: string | undefined;
  readonly problems: readonly Problem[];
  readonly entity?: unknown;
  readonly request?: { readonly method: string; readonly url: string } | undefined;
  readonly fetchedAt?: string | undefined;
  readonly slice?: Readonly<Record<string, string>> | undefined;
  readonly index?: number | undefined;
  /** Where the record lies in its page. */
  readonly pointer?: string | undefined;
  readonly runId: string;
  readonly record?: unknown;
}

/** Tells one stored record from every other, whatever its key. */
export function originId(stream: string, { page, index }: RecordOrigin): string {
  const { request, fetchedAt, slice } = page;
  const place = JSON.stringify([stream, request.method, request.url, request.body, fetchedAt, slice, index]);
  return createHash('sha256').update(place).digest('hex').slice(0, 16);
}

/** The issues of a zod error, of whichever copy of zod; or of anything else that was thrown. */
export function problemsOf(error: unknown): readonly Problem[] {
  const issues = isIssueList(error) ? error.issues : [];
  if (issues.length === 0) return [{ path: '', message: error instanceof Error ? error.message : String(error) }];
  return issues.map((issue) => ({ path: pathOf(issue['path']), message: String(issue['message']) }));
}

function pathOf(path: unknown): string {
  if (typeof path === 'string') return path;
  return Array.isArray(path) ? path.map((part) => `/${String(part)}`).join('') : '';
}

function isIssueList(error: unknown): error is { readonly issues: readonly Readonly<Record<string, unknown>>[] } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'issues' in error &&
    Array.isArray(error.issues) &&
    error.issues.every(isObject)
  );
}
