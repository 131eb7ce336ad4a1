import { sliceKey, type Slice } from '../../model/slice.ts';
import type { OpenPass, SliceState, StreamState } from '../../model/state.ts';
import type { StateChange } from '../../store/state-log.ts';
import { abandoned } from './open-pass.ts';
import type { SlicePass } from './slice-pass.ts';
import type { WindowPass } from './window-pass.ts';

/** A pass over a slice, or over a window of it. */
export type Pass = SlicePass | WindowPass;

/** Where each slice of a stream is, while it is read. Knows what changed since it was last asked. */
export class SliceStates {
  readonly #states: Map<string, SliceState>;
  readonly #passes = new Map<string, SlicePass>();
  readonly #windows = new Map<string, Set<WindowPass>>();
  readonly #changed = new Set<string>();

  constructor(before: StreamState) {
    this.#states = new Map(Object.entries(before.slices));
  }

  of(slice: Slice): SliceState {
    return this.#states.get(sliceKey(slice)) ?? {};
  }

  /** Where the slice is now, whatever was before. */
  set(slice: Slice, state: SliceState): void {
    this.#set(sliceKey(slice), state);
  }

  /** From here on the slice is where this pass is; a window is beside what the slice was before. */
  begin(pass: Pass): void {
    const key = sliceKey(pass.slice);
    if (pass.kind === 'forward') {
      this.#passes.set(key, pass);
      return;
    }
    const windows = this.#windows.get(key) ?? new Set();
    this.#windows.set(key, windows.add(pass));
  }

  isOpen(pass: Pass): boolean {
    const key = sliceKey(pass.slice);
    return pass.kind === 'forward' ? this.#passes.has(key) : this.#windows.get(key)?.has(pass) === true;
  }

  /** The pass has come to its end; nothing happens when it was ended before. */
  finish(pass: Pass): void {
    if (pass.kind === 'forward') this.#end(pass, pass.doneState());
    else this.#endWindow(pass, (state) => pass.doneState(state));
  }

  /** The API left the rest of the slice out: it is done with, and no cursor moves over what was not seen. */
  leaveOut(pass: Pass): void {
    if (pass.kind === 'forward') this.#end(pass, pass.leftOutState());
    else this.#endWindow(pass, (state) => state);
  }

  /** The page that this pass would go on with is given up; what it has proved by then is not. */
  forgetPage(pass: Pass): void {
    if (pass.kind === 'forward') this.#end(pass, abandoned(pass.openState()));
    else this.#endWindow(pass, (state) => withWindows(state, [...others(state, [pass]), pass.givenUp()]));
  }

  /** The changes since the last call, and where the open passes are. */
  change(rest: StateChange['rest']): StateChange {
    const slices: Record<string, SliceState | undefined> = {};
    for (const key of this.#changed) slices[key] = this.#states.get(key);
    this.#changed.clear();
    for (const [key, pass] of this.#passes) slices[key] = pass.openState();
    for (const [key, passes] of this.#windows) {
      const state = this.#states.get(key) ?? {};
      // One that has no page yet has nothing to go on from but what it began with.
      const begun = [...passes].filter((pass) => pass.openState() !== undefined);
      const open = begun.flatMap((pass) => pass.openState() ?? []);
      slices[key] = withWindows(state, [...others(state, begun), ...open]);
    }
    return { slices, rest };
  }

  #end(pass: SlicePass, state: SliceState): void {
    const key = sliceKey(pass.slice);
    if (this.#passes.get(key) !== pass) return;
    this.#passes.delete(key);
    this.#set(key, state);
  }

  #endWindow(pass: WindowPass, change: (state: SliceState) => SliceState): void {
    const key = sliceKey(pass.slice);
    const windows = this.#windows.get(key);
    if (windows?.delete(pass) !== true) return;
    if (windows.size === 0) this.#windows.delete(key);
    this.#set(key, change(this.of(pass.slice)));
  }

  #set(key: string, state: SliceState): void {
    this.#states.set(key, state);
    this.#changed.add(key);
  }
}

/** What the state says of windows, without where these passes were: they have gone on. What was given up stays told. */
function others({ windows = [] }: SliceState, passes: readonly WindowPass[]): readonly OpenPass[] {
  return windows.filter(
    ({ since, until, next }) =>
      next === undefined || !passes.some((pass) => pass.since === since && pass.until === until),
  );
}

function withWindows(state: SliceState, windows: readonly OpenPass[]): SliceState {
  const { windows: _old, ...rest } = state;
  return windows.length === 0 ? rest : { ...rest, windows: [...windows] };
}
