import type { StateIndex } from '../model/commit.ts';
import type { SliceState, StreamState } from '../model/state.ts';
import { canonicalJson } from '../util/json.ts';
import { MAX_INLINE_STATE, type IndexContent } from './state-index.ts';

/** After so many changes, or when the changes weigh more than the whole, the whole is written: a reader opens few files. */
const LONGEST_CHAIN = 16;

/** What changed since the commit before. */
export interface StateChange {
  /** Slice key → its state now; undefined for a slice to be forgotten. */
  readonly slices: Readonly<Record<string, SliceState | undefined>>;
  /** The state's other fields, all of them. */
  readonly rest: Omit<StreamState, 'slices'>;
}

/** What a commit must write of the state. */
export interface StateToWrite {
  /** For the commit itself. */
  readonly inline: StreamState;
  /** True when the slices are in an index: in `content`, or still in that of the commit before. */
  readonly isIndexed: boolean;
  /** For an index file; its `base` is known when it is written. */
  readonly content?: Omit<IndexContent, 'base'> & { readonly isWhole: boolean };
}

/** Follows the state of a stream from commit to commit and decides how each is written. */
export interface StateLog {
  whole(): StreamState;
  /** The change between the present state and this one. */
  changeTo(state: StreamState): StateChange;
  /** Takes a change over; false when it changes nothing. All is copied before it returns. */
  apply(change: StateChange): boolean;
  /** What the next commit writes: the changes since the last call. */
  next(): StateToWrite;
}

interface Entry {
  readonly state: SliceState;
  readonly bytes: number;
}

/** `index`: of the commit that `before` is the state of. */
export function stateLog(before: StreamState, index: StateIndex | undefined): StateLog {
  const entries = new Map<string, Entry>();
  const states = new Map<string, SliceState>();
  const changed = new Set<string>();
  let total = 0;
  let { slices: _slices, ...rest } = before;
  let chain = index === undefined ? Infinity : index.depth;
  let changedBytes = 0;

  function set(key: string, state: SliceState | undefined): boolean {
    const old = entries.get(key);
    if (old === undefined && state === undefined) return false;
    const bytes =
      state === undefined ? 0 : Buffer.byteLength(JSON.stringify(state)) + Buffer.byteLength(JSON.stringify(key)) + 2;
    // In another order the same fields are as long.
    if (old?.bytes === bytes && canonicalJson(old.state) === canonicalJson(state)) return false;
    total += bytes - (old?.bytes ?? 0);
    if (state === undefined) {
      entries.delete(key);
      states.delete(key);
    } else {
      const copy = structuredClone(state);
      entries.set(key, { state: copy, bytes });
      states.set(key, copy);
    }
    return true;
  }

  for (const [key, state] of Object.entries(before.slices)) set(key, state);

  return {
    whole: () => ({ ...rest, slices: Object.fromEntries(states) }),
    changeTo({ slices, ...others }) {
      const change: Record<string, SliceState | undefined> = { ...slices };
      for (const key of entries.keys()) if (!Object.hasOwn(slices, key)) change[key] = undefined;
      return { slices: change, rest: others };
    },
    apply(change) {
      let isChanged = canonicalJson(rest) !== canonicalJson(change.rest);
      if (isChanged) rest = structuredClone(change.rest);
      for (const [key, state] of Object.entries(change.slices)) {
        if (!set(key, state)) continue;
        changed.add(key);
        isChanged = true;
      }
      return isChanged;
    },
    next() {
      const own = [...changed];
      changed.clear();
      if (total <= MAX_INLINE_STATE) {
        chain = Infinity;
        return { inline: { ...rest, slices: Object.fromEntries(states) }, isIndexed: false };
      }
      const inline = { ...rest, slices: {} };
      if (own.length === 0 && chain !== Infinity) return { inline, isIndexed: true };
      changedBytes += own.reduce((sum, key) => sum + (entries.get(key)?.bytes ?? key.length), 0);
      if (chain >= LONGEST_CHAIN || changedBytes > total) {
        chain = 0;
        changedBytes = 0;
        return { inline, isIndexed: true, content: { isWhole: true, slices: Object.fromEntries(states) } };
      }
      chain += 1;
      return {
        inline,
        isIndexed: true,
        content: { isWhole: false, slices: Object.fromEntries(own.map((key) => [key, states.get(key) ?? null])) },
      };
    },
  };
}
