import { SassyError } from '../../errors/sassy-error.ts';

/**
 * Reads the values of a repeated `--set field=value`. The last one of a field wins. Throws USAGE where there is no
 * `=`; what was written is not repeated, because it may be a secret.
 */
export function parseSets(options: readonly string[]): ReadonlyMap<string, string> {
  const sets = new Map<string, string>();
  for (const option of options) {
    const equals = option.indexOf('=');
    if (equals < 1) {
      throw new SassyError('USAGE', {
        message: '--set needs a field and a value',
        fix: 'write --set field=value, once for each field',
      });
    }
    sets.set(option.slice(0, equals), option.slice(equals + 1));
  }
  return sets;
}
