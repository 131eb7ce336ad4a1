import type { z } from 'zod';
import { SassyError } from '../../errors/sassy-error.ts';
import { closest } from '../../util/did-you-mean.ts';
import { Secret } from '../../util/secret.ts';
import { printable } from '../render/printable.ts';
import { coerceText } from './coerce-text.ts';
import { type ConfigField, configFields, type IsSecret } from './config-fields.ts';
import { type ConfigProblem, configInvalid, configMissing, controlProblem, issueText } from './config-problem.ts';
import { CONFIG_FILE, type ConfigSources, findValue, type FoundValue, unknownVariables } from './config-values.ts';
import { type ConnectionId, connectionText } from './connection.ts';
import { envPrefix } from './env-name.ts';

export interface ConfigRequest<Schema extends z.ZodObject> extends ConnectionId, ConfigSources {
  readonly schema: Schema;
  readonly isSecret: IsSecret;
  /**
   * A text for a field that is required and has no value; without it, or where it gives none, such a field is an
   * error. For runs that need no login (`--replay`). The texts are not secrets.
   */
  readonly placeholder?: (field: ConfigField) => string | undefined;
}

export interface ResolvedConfig<Schema extends z.ZodObject> {
  readonly config: z.output<Schema>;
  /** All secret values: what has to be taken out of every text that leaves the process. */
  readonly secrets: readonly Secret[];
  /** Field → where its value came from, in words. Fields with no value and no default are left out. */
  readonly origins: Readonly<Record<string, string>>;
  /** For stderr: variables that look like ours and are not. */
  readonly warnings: readonly string[];
}

/**
 * Puts the config of one connection together: `--set`, environment, `.env.local`, `.env`, `sassy.config.ts`, default.
 * Throws USAGE (a wrong `--set`), CONFIG_MISSING (all missing fields at once) or CONFIG_INVALID (all invalid ones, with
 * where each came from). No message holds the value of a secret.
 */
export function resolveConfig<Schema extends z.ZodObject>(request: ConfigRequest<Schema>): ResolvedConfig<Schema> {
  const fields = configFields(request, request.schema, request.isSecret);
  refuseWrongSets(request, fields);
  refuseWrongFile(request, fields);
  const found = new Map<string, FoundValue>();
  const missing: ConfigField[] = [];
  for (const field of fields) {
    const value = findValue(field, request) ?? placeholderFor(field, request);
    if (value !== undefined) found.set(field.name, value);
    else if (field.required) missing.push(field);
  }
  const connection = connectionText(request);
  if (missing.length > 0) throw configMissing(connection, missing);

  const { input, problems } = inputOf(fields, found);
  if (problems.length > 0) throw configInvalid(connection, problems);
  const parsed = request.schema.safeParse(input);
  if (!parsed.success) throw configInvalid(connection, problemsOf(parsed.error.issues, fields, found));
  return {
    config: parsed.data,
    secrets: fields.flatMap((field) => secretsOf(field, found.get(field.name))),
    origins: originsOf(fields, found, parsed.data),
    warnings: warningsOf(request, fields),
  };
}

const PLACEHOLDER = 'placeholder';

function placeholderFor(
  field: ConfigField,
  request: Pick<ConfigRequest<z.ZodObject>, 'placeholder'>,
): FoundValue | undefined {
  const value = field.required ? request.placeholder?.(field) : undefined;
  return value === undefined ? undefined : { origin: PLACEHOLDER, from: 'text', value };
}

function refuseWrongSets({ sets }: ConfigSources, fields: readonly ConfigField[]): void {
  for (const name of sets.keys()) {
    const field = fields.find((item) => item.name === name);
    if (field === undefined) {
      throw new SassyError('USAGE', {
        message: `--set: there is no field ${JSON.stringify(printable(name))}${didYouMean(name, namesOf(fields))}`,
        why: `the fields are ${namesOf(fields).join(', ')}`,
        fix: 'write --set field=value with one of these',
      });
    }
    if (field.secret) {
      throw new SassyError('USAGE', {
        message: `${name} is a secret and cannot be given with --set`,
        why: 'other users of the machine can read command lines, and shells keep them in their history',
        fix: `set ${field.env} in the environment or in .env`,
      });
    }
  }
}

function refuseWrongFile({ file }: ConfigSources, fields: readonly ConfigField[]): void {
  for (const name of Object.keys(file)) {
    const field = fields.find((item) => item.name === name);
    if (field === undefined) {
      throw new SassyError('CONFIG_INVALID', {
        message: `${CONFIG_FILE}: there is no field ${JSON.stringify(printable(name))}${didYouMean(name, namesOf(fields))}`,
        why: `the fields are ${namesOf(fields).join(', ')}`,
        fix: `correct ${CONFIG_FILE}`,
      });
    }
    if (field.secret) {
      throw new SassyError('CONFIG_INVALID', {
        message: `${CONFIG_FILE}: ${name} is a secret and must not stand in a file of the project`,
        why: 'what is in the project ends up in its history',
        fix: `take it out, revoke it if it was ever committed, and set ${field.env} in the environment or in .env`,
      });
    }
  }
}

function inputOf(fields: readonly ConfigField[], found: ReadonlyMap<string, FoundValue>) {
  const input: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const field of fields) {
    const value = found.get(field.name);
    if (value === undefined) continue;
    const coerced =
      value.from === 'text' && typeof value.value === 'string'
        ? coerceText(value.value, field.schema)
        : { value: value.value };
    const why = controlProblem(value.value) ?? ('problem' in coerced ? coerced.problem : undefined);
    if (why !== undefined) problems.push({ field, origin: value.origin, why });
    else if ('value' in coerced) input[field.name] = coerced.value;
  }
  return { input, problems };
}

function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  fields: readonly ConfigField[],
  found: ReadonlyMap<string, FoundValue>,
): readonly ConfigProblem[] {
  return issues.map((issue) => {
    const field = fields.find(({ name }) => name === issue.path[0]);
    const value = field === undefined ? undefined : found.get(field.name);
    return { field, origin: value?.origin ?? field?.env ?? 'all of it', why: issueText(issue, field, value) };
  });
}

function secretsOf(field: ConfigField, found: FoundValue | undefined): readonly Secret[] {
  const isSecret = field.secret && found !== undefined && found.origin !== PLACEHOLDER;
  return isSecret && typeof found.value === 'string' ? [new Secret(found.value)] : [];
}

function originsOf(
  fields: readonly ConfigField[],
  found: ReadonlyMap<string, FoundValue>,
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.flatMap(({ name }) => {
      const origin = found.get(name)?.origin ?? (config[name] === undefined ? undefined : 'default');
      return origin === undefined ? [] : [[name, origin]];
    }),
  );
}

function warningsOf(request: ConfigSources & ConnectionId, fields: readonly ConfigField[]): readonly string[] {
  const known = fields.map(({ env }) => env);
  return unknownVariables(envPrefix(request), known, request).map(
    ({ name, place }) =>
      `${printable(name)} in ${place} is not a field of ${request.integration}${didYouMean(name, known)}`,
  );
}

function namesOf(fields: readonly ConfigField[]): readonly string[] {
  return fields.map(({ name }) => name);
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const better = closest(word, candidates);
  return better === undefined ? '' : `. Did you mean ${better}?`;
}
