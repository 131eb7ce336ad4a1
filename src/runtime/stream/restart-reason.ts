import { isSassyError } from '../../errors/sassy-error.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { Pass } from './slice-states.ts';

/** Why a pass should be read again from its first page; undefined when that would not help. */
export function restartReason(error: unknown, { from }: Pass, { primaryKey }: StreamDefinition): string | undefined {
  const isExpired = isSassyError(error, 'PAGE_EXPIRED');
  if (from !== undefined && (isExpired || isSassyError(error, 'API_REFUSED')))
    return 'the stored page token has expired';
  // Without a key the records of both passes would stand side by side.
  if (primaryKey.length === 0 || !(isExpired || isSassyError(error, 'LIST_UNSTABLE'))) return undefined;
  return error.why ?? error.message;
}
