import { sliceKey, type Slice } from '../model/slice.ts';
import type { SliceState, StreamState } from '../model/state.ts';
import type { StateChange } from '../store/state-log.ts';
import { abandoned, type SlicePass } from './slice-pass.ts';

/** Where each slice of a stream is, while it is read. Knows what changed since it was last asked. */
export class SliceStates {
  readonly #states: Map<string, SliceState>;
  readonly #passes = new Map<string, SlicePass>();
  readonly #changed = new Set<string>();

  constructor(before: StreamState) {
    this.#states = new Map(Object.entries(before.slices));
  }

  of(slice: Slice): SliceState {
    return this.#states.get(sliceKey(slice)) ?? {};
  }

  /** From here on the slice is where this pass is. */
  begin(pass: SlicePass): void {
    this.#passes.set(sliceKey(pass.slice), pass);
  }

  isOpen({ slice }: SlicePass): boolean {
    return this.#passes.has(sliceKey(slice));
  }

  /** The pass has come to its end; nothing happens when it was ended before. */
  finish(pass: SlicePass): void {
    this.#end(pass, pass.doneState());
  }

  /** The API left the rest of the slice out: it is done with, and no cursor moves over what was not seen. */
  leaveOut(pass: SlicePass): void {
    this.#end(pass, pass.leftOutState());
  }

  /** The page that this pass would go on with is given up; what it has proved by then is not. */
  forgetPage(pass: SlicePass): void {
    this.#end(pass, abandoned(pass.openState()));
  }

  /** The changes since the last call, and where the open passes are. */
  change(rest: StateChange['rest']): StateChange {
    const slices: Record<string, SliceState | undefined> = {};
    for (const key of this.#changed) slices[key] = this.#states.get(key);
    this.#changed.clear();
    for (const [key, pass] of this.#passes) slices[key] = pass.openState();
    return { slices, rest };
  }

  #end(pass: SlicePass, state: SliceState): void {
    const key = sliceKey(pass.slice);
    if (this.#passes.get(key) !== pass) return;
    this.#passes.delete(key);
    this.#set(key, state);
  }

  #set(key: string, state: SliceState): void {
    this.#states.set(key, state);
    this.#changed.add(key);
  }
}
