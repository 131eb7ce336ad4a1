import { isSassyError } from '../errors/sassy-error.ts';
import { exitCodeOf } from './render/error.ts';

/** Which of several endings tells the caller most: a stop, then what a retry cannot mend, then what it can, then findings. */
const BY_WEIGHT: readonly number[] = [130, 143, 1, 2, 3, 4, 5, 75, 6];

/** The exit code of a run with these errors in it; 0 without any. */
export function heaviestExitCode(errors: readonly unknown[]): number {
  const codes = new Set(errors.filter((error) => error !== undefined).map(exitCodeOf));
  return BY_WEIGHT.find((code) => codes.has(code)) ?? 0;
}

/**
 * The exit code of a run over several streams: one that the login may not read is a finding (6) as long as another one
 * could be read; when none could, it is the login (4).
 */
export function streamsExitCode(errors: readonly unknown[]): number {
  const denied = errors.filter((error) => isSassyError(error, 'PERMISSION_DENIED'));
  if (denied.length === 0 || errors.every((error) => error !== undefined)) return heaviestExitCode(errors);
  const rest = heaviestExitCode(errors.filter((error) => !isSassyError(error, 'PERMISSION_DENIED')));
  return rest === 0 ? 6 : rest;
}
