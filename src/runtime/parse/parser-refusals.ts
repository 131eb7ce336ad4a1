import { SassyError } from '../../errors/sassy-error.ts';
import type { BatchDiff } from '../../sink/sink.ts';

export function nothingToAmend(parser: string): SassyError {
  return new SassyError('NOTHING_THERE', {
    message: `${parser} has no generation yet that --from could begin with`,
    state: 'nothing was changed',
    fix: 'leave --from out',
  });
}

export function notParsed(parser: string): SassyError {
  return new SassyError('NOTHING_THERE', {
    message: `${parser} has not been parsed into this sink yet`,
    state: 'nothing was changed',
    fix: 'sassy run <integration> parse',
  });
}

/** Undefined when the sink holds what the raw data gives. */
export function verifyFailed(parser: string, sink: string, difference: BatchDiff | undefined): SassyError | undefined {
  const { added = 0, gone = 0, changed = 0 } = difference ?? {};
  if (added + gone + changed === 0) return undefined;
  const parts = [
    ...(changed > 0 ? [`${changed} other than the raw data gives`] : []),
    ...(added > 0 ? [`${added} missing`] : []),
    ...(gone > 0 ? [`${gone} that the raw data does not give`] : []),
  ];
  return new SassyError('VERIFY_DIFFERS', {
    message: `${parser}: ${added + gone + changed} entities in ${sink} are not what its raw data gives now`,
    why: parts.join(', '),
  });
}
