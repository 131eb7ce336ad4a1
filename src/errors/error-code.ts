/** True when something thrown by Node carries this `code`, e.g. `hasCode(error, 'ENOENT')`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codeOf(error) !== undefined && codes.includes(codeOf(error) ?? '');
}

/** Node's `code` of a thrown value, when it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
