import type { z } from 'zod';
import type { IntegrationRecord } from './define-integration.ts';
import type { StreamOptions } from './define-stream.ts';
import { metadataKey } from './metadata.ts';
import type { ParserInput } from '../model/manifest.ts';

/** What a decorator found wrong where it stood. Decorators never throw, so that all problems are told at once. */
export interface RecordedProblem {
  readonly what: string;
  readonly fix: string;
}

export interface CheckRecord {
  readonly method: string;
  readonly title: string;
}

export interface ParserRecord {
  readonly method: string;
  readonly entity: unknown;
  readonly parallel: boolean;
}

export interface InputRecord {
  readonly method: string;
  /** Position of the parameter, from 0. */
  readonly index: number;
  readonly mode: ParserInput['mode'];
  /** A stream class or the value of `defineStream`, when it is right. */
  readonly stream: unknown;
}

/** What the decorators record, all of it on the class itself. */
export const INTEGRATION = metadataKey<IntegrationRecord>('integration');
export const STREAM = metadataKey<StreamOptions<z.ZodType, never>>('stream');
export const CHECKS = metadataKey<readonly CheckRecord[]>('checks');
export const PARSERS = metadataKey<readonly ParserRecord[]>('parsers');
export const INPUTS = metadataKey<readonly InputRecord[]>('inputs');
export const PROBLEMS = metadataKey<readonly RecordedProblem[]>('problems');
/** Marks AbstractIntegration itself, whichever copy of the package it is from. */
export const ROOT = metadataKey<true>('root');
