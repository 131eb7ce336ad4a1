import type { Sink } from '../sink/sink.ts';

/** The sink that a test works on: empty at its beginning. */
export interface SinkScene {
  /** As it is open now. */
  readonly sink: Sink;
  /** Closes it and opens it again, as another process would. */
  reopen(): Promise<void>;
  /** The same sink, opened a second time beside it. */
  another(): Promise<Sink>;
}
