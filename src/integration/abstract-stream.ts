declare const RECORD: unique symbol;
declare const NEEDS: unique symbol;

/**
 * The base of every stream's class. `R` is what a record is after the stream's schema. Extend `HttpStream` for REST; a
 * stream that comes from anywhere else (an SDK, a file, any async iterator) extends this and implements `PageSource`.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- they carry types to other definitions
export abstract class AbstractStream<R, Config = unknown> {
  /** Only for the compiler: what a parser gets from this stream. */
  declare readonly [RECORD]: R;
  /** Only for the compiler: what the stream needs of the config. */
  declare readonly [NEEDS]: (config: Config) => void;
}

/** A stream's class. It is made once, without arguments. */
export type StreamClass<R = unknown, Config = never> = new () => AbstractStream<R, Config>;
