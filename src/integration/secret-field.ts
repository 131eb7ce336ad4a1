import { z } from 'zod';
import { Secret } from '../util/secret.ts';

/**
 * A config field that holds a secret: a text that is never printed, never stored and never accepted as a flag. What
 * the integration gets is a `Secret`.
 *
 * @example
 * const Config = z.object({ token: secret().describe('An API token with the scope …') });
 */
export function secret(): z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>> {
  return z
    .string()
    .min(1)
    .transform((value) => new Secret(value))
    .meta({ secret: true });
}

/**
 * True for a field made by `secret()`, through `.optional()`, `.default()`, `.describe()`, `.refine()` and the like.
 * The mark is kept in zod's own registry of descriptions, which all copies of zod in a process share.
 */
export function isSecretField(schema: z.core.$ZodType): boolean {
  if (z.globalRegistry.get(schema)?.['secret'] === true) return true;
  const { def } = schema._zod;
  if ('innerType' in def && isSchema(def.innerType)) return isSecretField(def.innerType);
  return 'in' in def && isSchema(def.in) && isSecretField(def.in);
}

function isSchema(value: unknown): value is z.core.$ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value;
}
