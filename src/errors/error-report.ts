import { isSassyError } from './sassy-error.ts';

/** An error as the `--json` results carry it. Errors without a code of ours are bugs, and are called so. */
export function errorReport(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly why?: string;
  readonly hint?: string;
} {
  if (!isSassyError(error)) {
    return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, why, fix } = error;
  return { code, message, ...(why === undefined ? {} : { why }), ...(fix === undefined ? {} : { hint: fix }) };
}
