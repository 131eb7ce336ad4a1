import type { StreamState } from '../../model/state.ts';

/** The listing whose pages a reader should see: the last complete one, or the only one there is. */
export function readableListing(
  state: StreamState,
): { readonly number: number; readonly complete: boolean } | undefined {
  if (state.listing === undefined) return undefined;
  const { complete, current } = state.listing;
  return complete === undefined ? { number: current, complete: false } : { number: complete, complete: true };
}
