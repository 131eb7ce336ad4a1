import { parseArgs } from 'node:util';

/**
 * Numbers from the command line, `--issues 1000`, for those named in `defaults`; with dashes there, as they are typed.
 * Throws RangeError for what is no whole number.
 */
export function numbersFromArgs<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
  flags: readonly string[] = [],
): { readonly numbers: Readonly<Record<Name, number>>; isSet(flag: string): boolean } {
  const entries: [string, { type: 'string' } | { type: 'boolean' }][] = [
    ...Object.keys(defaults).map((name): [string, { type: 'string' }] => [name, { type: 'string' }]),
    ...flags.map((name): [string, { type: 'boolean' }] => [name, { type: 'boolean' }]),
  ];
  const { values } = parseArgs({ options: Object.fromEntries(entries) });
  const numbers = { ...defaults };
  for (const [name, text] of Object.entries(values)) {
    if (typeof text === 'string') Object.assign(numbers, { [name]: wholeNumber(name, text) });
  }
  return { numbers, isSet: (flag) => values[flag] === true };
}

/** Prints where it serves and what to put into the environment; serves until it is interrupted. */
export function serveByHand(
  emulator: { readonly url: string; close(): Promise<void> },
  ...lines: readonly string[]
): void {
  process.stdout.write(`${[emulator.url, '', ...lines].join('\n')}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.close());
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0) {
    throw new RangeError(`--${name} must be a whole number, not ${JSON.stringify(text)}`);
  }
  return number;
}
