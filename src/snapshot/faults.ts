import { bodyBytes } from './body.ts';
import { keyText, requestKey } from './request-key.ts';
import type { Interaction, Snapshot } from './snapshot-file.ts';

/**
 * Trouble that real APIs show, put in front of recorded answers. It passes, so a run must end exactly as without it.
 * - `unavailable`: 503 before the first answer to each request
 * - `rate-limited`: 429 with `Retry-After: 1` before every third answer
 * - `broken-body`: half of a JSON body, once, before some of the pages (at least one)
 */
export const FAULTS = ['unavailable', 'rate-limited', 'broken-body'] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultySnapshot {
  readonly name: Fault;
  readonly snapshot: Snapshot;
}

/** One variant of the snapshot for each fault that finds a place in it. The same seed gives the same variants. */
export function faultySnapshots(snapshot: Snapshot, seed = 1): readonly FaultySnapshot[] {
  return FAULTS.map((name) => ({ name, snapshot: withFault(snapshot, name, seed) })).filter(
    (variant) => variant.snapshot.interactions.length > snapshot.interactions.length,
  );
}

/** The snapshot with extra interactions; each stands right before an answer to the same request, so it is served first. */
export function withFault(snapshot: Snapshot, fault: Fault, seed: number): Snapshot {
  const inject = INJECTORS[fault](snapshot.interactions, seed);
  const troubled = new Set<string>();
  const interactions = snapshot.interactions.flatMap((interaction, index) => {
    const { request } = interaction;
    const key = keyText(requestKey(request));
    // A client that is trying again already would need one attempt more than it may have.
    const isAgain = troubled.delete(key);
    if (isTrouble(interaction)) troubled.add(key);
    const extra = isAgain || isTrouble(interaction) ? undefined : inject(interaction, index);
    return extra === undefined ? [interaction] : [{ request, response: extra }, interaction];
  });
  return { ...snapshot, interactions };
}

type Response = Interaction['response'];
type Injector = (
  interactions: readonly Interaction[],
  seed: number,
) => (interaction: Interaction, index: number) => Response | undefined;

const INJECTORS: Readonly<Record<Fault, Injector>> = {
  unavailable: () => {
    const seen = new Set<string>();
    return ({ request }) => {
      const key = keyText(requestKey(request));
      if (seen.has(key)) return undefined;
      seen.add(key);
      return { status: 503, headers: { 'content-type': 'text/plain' }, text: 'upstream connect error' };
    };
  },
  'rate-limited': (_interactions, seed) => (_interaction, index) => {
    if ((index + seed) % 3 !== 0) return undefined;
    const headers = { 'content-type': 'application/json', 'retry-after': '1' };
    return { status: 429, headers, json: { message: 'Too Many Requests' } };
  },
  'broken-body': (interactions, seed) => {
    const places = [...interactions.keys()].filter((index) => {
      const interaction = interactions[index];
      return interaction !== undefined && !isTrouble(interaction) && halfBody(interaction.response) !== undefined;
    });
    const chosen = new Set(places.filter((place) => scrambled(place, seed) % 4 === 0));
    const one = places[scrambled(places.length, seed) % Math.max(1, places.length)];
    if (one !== undefined) chosen.add(one);
    return ({ response }, index) => (chosen.has(index) ? halfBody(response) : undefined);
  },
};

/** An answer that makes a client try again anyway. */
const isTrouble = ({ response }: Interaction): boolean => response.status === 429 || response.status >= 500;

/** The first half of a JSON answer, as a proxy sends it that gave up half way; undefined for other answers. */
function halfBody(response: Response): Response | undefined {
  const { status, headers } = response;
  const text = bodyBytes(response).toString('utf8');
  if (status >= 300 || 'base64' in response || !/^\s*[[{]/.test(text)) return undefined;
  return { status, headers, text: text.slice(0, Math.max(1, Math.floor(text.length / 2))) };
}

/** A number that looks random and is always the same for the same two. */
function scrambled(value: number, seed: number): number {
  let mixed = Math.imul(value + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
