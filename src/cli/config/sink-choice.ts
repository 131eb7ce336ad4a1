import { z } from 'zod';
import { BUILT_IN, type SinkDefinition } from '../../sink/define-sink.ts';
import { isObject } from '../../util/json.ts';

const Parquet = z.strictObject({
  sink: z.literal('parquet'),
  /** Table → the fields whose values become folders, outermost first. */
  partitionBy: z.record(z.string(), z.array(z.string())),
});

const Postgres = z.strictObject({
  sink: z.literal('postgres'),
  /** The variable that holds the URL of the database. Default: SASSY_POSTGRES_URL. */
  urlFrom: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
      error:
        "expected urlFrom: 'NAME_OF_A_VARIABLE'; the URL holds a password and stands in the environment or in .env",
    })
    .optional(),
  /** `snyk/acme` → the schema of its entities. Default: `snyk_acme`. */
  schemas: z.record(z.string(), z.string().min(1)).optional(),
});

const Own = z.custom<SinkDefinition>(
  (value) => isObject(value) && typeof value['sink'] === 'string' && typeof value['open'] === 'function',
);

/** One of `sinks` in `sassy.config.ts`. */
export const SinkChoice = z.union([z.enum(BUILT_IN), Parquet, Postgres, Own], {
  // No value is told: whoever writes a URL where the name of a variable belongs has put a password there.
  error: () =>
    `expected ${BUILT_IN.join(', ')}, { sink: 'parquet', partitionBy: … }, { sink: 'postgres', urlFrom: 'NAME_OF_A_VARIABLE', schemas: … } or a defineSink(…)`,
});

export type SinkChoice = z.infer<typeof SinkChoice>;
export type PostgresChoice = Omit<z.infer<typeof Postgres>, 'sink'>;

export function nameOf(choice: SinkChoice): string {
  return typeof choice === 'string' ? choice : choice.sink;
}

/** The settings where the PostgreSQL sink is chosen; undefined for any other. */
export function postgresChoice(choice: SinkChoice): PostgresChoice | undefined {
  if (choice === 'postgres') return {};
  return typeof choice === 'object' && choice.sink === 'postgres' && !('open' in choice)
    ? Postgres.parse(choice)
    : undefined;
}

export function partitionsOf(choice: SinkChoice): z.infer<typeof Parquet>['partitionBy'] {
  return typeof choice === 'object' && 'partitionBy' in choice ? choice.partitionBy : {};
}
