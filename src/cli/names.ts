import { SassyError } from '../errors/sassy-error.ts';
import { closest } from '../util/did-you-mean.ts';

/** Throws when one of the names asked for is none of those there are, with the nearest one. */
export function knownNames(
  code: 'UNKNOWN_STREAM' | 'UNKNOWN_PARSER',
  what: string,
  asked: readonly string[] | undefined,
  there: readonly { readonly name: string }[],
): void {
  const names = there.map(({ name }) => name);
  for (const name of asked ?? []) {
    if (names.includes(name)) continue;
    const nearest = closest(name, names);
    throw new SassyError(code, {
      message: `there is no ${what} ${JSON.stringify(name)}`,
      why: names.length === 0 ? `the integration has no ${what}s` : `there are: ${names.join(', ')}`,
      fix: nearest === undefined ? `name one of them` : `did you mean ${nearest}?`,
    });
  }
}
