import {
  type KeyedRequest,
  type RequestKey,
  hasPlaceholder,
  isSameRequest,
  keyText,
  requestKey,
} from './request-key.ts';
import type { Interaction } from './snapshot-file.ts';

/** Recorded interactions, each to be given out once. */
export interface InteractionQueue {
  /** The next answer recorded for this request, in the order recorded; undefined when there is none (any more). */
  take(asked: KeyedRequest): Interaction | undefined;
  /** How many answers were recorded for this request. */
  recordedFor(asked: KeyedRequest): number;
  /** What was not asked for, in the order recorded. */
  unused(): readonly Interaction[];
}

interface Group {
  readonly key: RequestKey;
  readonly interactions: Interaction[];
  given: number;
}

/** Different requests may come in any order; equal ones get their answers first in, first out. */
export function interactionQueue(interactions: readonly Interaction[]): InteractionQueue {
  const groups = new Map<string, Group>();
  for (const interaction of interactions) {
    const key = requestKey(interaction.request);
    const group = groups.get(keyText(key));
    if (group === undefined) groups.set(keyText(key), { key, interactions: [interaction], given: 0 });
    else group.interactions.push(interaction);
  }
  const withPlaceholder = [...groups.values()].filter((group) => hasPlaceholder(group.key));

  const matching = (asked: KeyedRequest): readonly Group[] => {
    const key = requestKey(asked);
    const exact = groups.get(keyText(key));
    const similar = withPlaceholder.filter((group) => group !== exact && isSameRequest(group.key, key));
    return exact === undefined ? similar : [exact, ...similar];
  };

  return {
    take(asked) {
      const group = matching(asked).find((candidate) => candidate.given < candidate.interactions.length);
      return group?.interactions[group.given++];
    },
    recordedFor: (asked) => matching(asked).reduce((sum, group) => sum + group.interactions.length, 0),
    unused() {
      const left = new Set([...groups.values()].flatMap((group) => group.interactions.slice(group.given)));
      return interactions.filter((interaction) => left.has(interaction));
    },
  };
}
