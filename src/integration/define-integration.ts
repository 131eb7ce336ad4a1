import type { z } from 'zod';
import type { Entity } from '../model/entity.ts';
import type { HttpSettings } from '../model/http.ts';
import type { Limit } from '../model/limit.ts';
import type { CheckContext, CheckDefinition } from '../model/manifest.ts';
import type { StreamRef } from './define-stream.ts';
import type { ParserValue } from './parser.ts';

const INTEGRATION_VALUE = Symbol.for('sassy.integration-value');

/** What is said about an integration, as a decorator's argument or with `defineIntegration`. */
export interface IntegrationOptions<Config extends z.ZodObject> {
  /** For people: `Snyk`. */
  readonly title: string;
  /** The fields that a user sets, secrets made with `secret()`. */
  readonly config: Config;
  readonly http: HttpSettings<z.output<Config>>;
  /** Parents may stand anywhere before or after their children. */
  readonly streams: readonly StreamRef<unknown, z.output<Config>>[];
  /** Every entity that a parser yields. */
  readonly entities?: readonly Entity[];
  /** How many records of a stream may go to quarantine before a parse stops: `100` or `'1 %'`. Default: 1 %, and at most 100. */
  readonly failureBudget?: Limit;
  /** How many entities of a parser may be archived at once. Default: `'50 %'`. */
  readonly maxArchived?: Limit;
}

/** The same with the types forgotten: what is kept until the integration is checked. */
export interface IntegrationRecord {
  readonly title: string;
  readonly config: z.ZodObject;
  readonly http: HttpSettings<unknown>;
  readonly streams: readonly unknown[];
  readonly entities?: readonly unknown[];
  readonly failureBudget?: Limit;
  readonly maxArchived?: Limit;
}

/** An integration as a value, not yet checked. Made by `defineIntegration`, or out of a decorated class. */
export interface IntegrationValue {
  readonly [INTEGRATION_VALUE]: true;
  readonly options: IntegrationRecord;
  readonly checks: readonly CheckDefinition[];
  readonly parsers: readonly NamedParser[];
}

export interface NamedParser extends ParserValue {
  readonly name: string;
}

/**
 * An integration without a class; `integration.ts` exports what this returns.
 *
 * @example
 * export const snyk = defineIntegration({
 *   title: 'Snyk', config: Config, http, streams: [Orgs, Issues], entities: [Finding],
 *   checks: { 'the token can list organisations': async ({ http }) => { await http.getJson('/orgs'); } },
 *   parsers: { findings: parser({ issues: incremental(Issues) }, Finding, async function* ({ issues }) { … }) },
 * });
 */
export function defineIntegration<Config extends z.ZodObject>(
  options: IntegrationOptions<Config> & {
    /** By their titles. */
    readonly checks?: Readonly<Record<string, (context: CheckContext<z.output<Config>>) => Promise<void>>>;
    /** By their names. */
    readonly parsers?: Readonly<Record<string, ParserValue>>;
  },
): IntegrationValue {
  const { checks = {}, parsers = {}, ...rest } = options;
  return integrationValue(
    rest,
    Object.entries(checks).map(([title, run]) => ({ title, run })),
    Object.entries(parsers).map(([name, value]) => ({ ...value, name })),
  );
}

/** What both forms come down to. */
export function integrationValue(
  options: IntegrationRecord,
  checks: readonly CheckDefinition[],
  parsers: readonly NamedParser[],
): IntegrationValue {
  return Object.freeze({ [INTEGRATION_VALUE]: true as const, options, checks, parsers });
}

/** True for what `defineIntegration` of any copy of the package made. */
export function isIntegrationValue(value: unknown): value is IntegrationValue {
  return typeof value === 'object' && value !== null && INTEGRATION_VALUE in value;
}
