import type { z } from 'zod';
import type { CheckContext } from '../model/manifest.ts';
import type { ConfigOf } from './abstract-integration.ts';

/**
 * A type that nothing has: where a parameter is intersected with it, the compiler refuses the call and prints the
 * message and the two types that do not fit. A decorator gets the literal name of its method, and private and protected
 * ones are not in `keyof`.
 */
type Err<Message extends string, Detail = unknown> = { readonly [K in Message]: Detail };

type IsAny<T> = 0 extends 1 & T ? true : false;

/** `unknown` when the method's parameter at `I` accepts `Injected`, else the reason. */
export type CheckInjection<T, K, I extends number, Injected> = K extends keyof T
  ? T[K] extends (...parameters: infer P) => unknown
    ? IsAny<P[I]> extends true
      ? Err<'sassy: an injected parameter must have a declared type, not any', { injected: Injected }>
      : [Injected] extends [P[I]]
        ? unknown
        : Err<
            'sassy: the parameter is declared with a type that does not accept what this stream injects',
            { injected: Injected; declared: P[I] }
          >
    : Err<'sassy: only parameters of methods can be injected'>
  : Err<'sassy: a decorated method must be public', K>;

/** `unknown` when the method is an async generator of values that the entity accepts, else the reason. */
export type CheckParser<T, K, E extends z.ZodType> = K extends keyof T
  ? T[K] extends (...parameters: never[]) => AsyncIterable<infer Yielded>
    ? IsAny<Yielded> extends true
      ? Err<'sassy: a parser must yield a declared type, not any', { accepted: z.input<E> }>
      : [Yielded] extends [z.input<E>]
        ? unknown
        : Err<
            'sassy: the parser yields something that the entity does not accept',
            { yielded: Yielded; accepted: z.input<E> }
          >
    : Err<'sassy: a parser must be an async generator: async *name(…)', { declared: T[K] }>
  : Err<'sassy: a decorated method must be public', K>;

/** `unknown` when the method can be called with a check's context, else the reason. */
export type CheckCheck<T, K> = K extends keyof T
  ? T[K] extends (...parameters: infer P) => Promise<void> | void
    ? [CheckContext<ConfigOf<T>>] extends [P[0]]
      ? unknown
      : P extends readonly []
        ? unknown
        : Err<
            'sassy: a check takes one parameter that accepts the context of this integration',
            { given: CheckContext<ConfigOf<T>>; declared: P[0] }
          >
    : Err<'sassy: a check must return Promise<void>', { declared: T[K] }>
  : Err<'sassy: a decorated method must be public', K>;

/** `unknown` when the class accepts the config that the schema gives, else the reason. */
export type CheckConfig<T, Schema extends z.ZodType> = [z.output<Schema>] extends [ConfigOf<T>]
  ? unknown
  : Err<
      'sassy: the class is declared for another config than its schema gives',
      { schema: z.output<Schema>; declared: ConfigOf<T> }
    >;

/** `unknown` when every config that the stream's class accepts is one that its slices are made from, else the reason. */
export type CheckSlices<Needs, Slices> = [Needs] extends [Slices]
  ? unknown
  : Err<
      'sassy: the slices are made from another config than the stream is declared for',
      { slices: Slices; declared: Needs }
    >;

/** `unknown` when the stream's records are what its schema gives, else the reason. */
export type CheckRecord<R, Schema extends z.ZodType> = [z.output<Schema>] extends [R]
  ? unknown
  : Err<
      'sassy: the stream is declared for another record than its schema gives',
      { schema: z.output<Schema>; declared: R }
    >;
