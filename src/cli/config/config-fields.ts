import { z } from 'zod';
import type { ConnectionId } from './connection.ts';
import { envName } from './env-name.ts';

/** One field of an integration's config, as help, errors and templates show it. */
export interface ConfigField {
  readonly name: string;
  readonly env: string;
  readonly schema: z.core.$ZodType;
  readonly secret: boolean;
  /** There is no default and no run without it. */
  readonly required: boolean;
  /** From `.describe()` or `.meta({ description })`. */
  readonly description?: string;
}

/** Tells whether a field's schema holds a secret. */
export type IsSecret = (schema: z.core.$ZodType) => boolean;

/** The fields of a config schema, in the author's order. */
export function configFields(id: ConnectionId, schema: z.ZodObject, isSecret: IsSecret): readonly ConfigField[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const description = z.globalRegistry.get(field)?.description;
    return {
      name,
      env: envName(id, name),
      schema: field,
      secret: isSecret(field),
      required: !z.safeParse(field, undefined).success,
      ...(description === undefined ? {} : { description }),
    };
  });
}
