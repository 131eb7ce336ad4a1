import type { ConfigField } from './config-fields.ts';
import { ENV_FILES, type EnvFiles } from './env-files.ts';

/** Where values may come from; the first of these that has one wins, in this order. */
export interface ConfigSources {
  /** `--set field=value`, see `parseSets`. */
  readonly sets: ReadonlyMap<string, string>;
  /** The environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly envFiles: EnvFiles;
  /** The connection's part of `sassy.config.ts`. */
  readonly file: Readonly<Record<string, unknown>>;
}

/** A value as it was found, and where, in words: `SASSY_SNYK__TOKEN in .env`. */
export interface FoundValue {
  readonly origin: string;
  /** Texts are yet to be turned into what the schema takes; values of `sassy.config.ts` are what they are. */
  readonly from: 'text' | 'file';
  readonly value: unknown;
}

export const CONFIG_FILE = 'sassy.config.ts';

/** The value of one field; undefined when no source has one. An empty variable counts as not set. */
export function findValue(field: ConfigField, sources: ConfigSources): FoundValue | undefined {
  const set = sources.sets.get(field.name);
  if (set !== undefined) return { origin: `--set ${field.name}`, from: 'text', value: set };
  const variable = sources.env[field.env];
  if (variable !== undefined && variable !== '') return { origin: field.env, from: 'text', value: variable };
  for (const file of ENV_FILES) {
    const value = sources.envFiles[file].get(field.env);
    if (value !== undefined && value !== '') return { origin: `${field.env} in ${file}`, from: 'text', value };
  }
  if (Object.hasOwn(sources.file, field.name) && sources.file[field.name] !== undefined) {
    return { origin: CONFIG_FILE, from: 'file', value: sources.file[field.name] };
  }
  return undefined;
}

/** Variables that begin like ours and name no field, with the place they stand in. */
export function unknownVariables(
  prefix: string,
  known: readonly string[],
  sources: ConfigSources,
): readonly { readonly name: string; readonly place: string }[] {
  const places = [
    { place: 'the environment', names: Object.keys(sources.env) },
    ...ENV_FILES.map((file) => ({ place: file, names: [...sources.envFiles[file].keys()] })),
  ];
  return places.flatMap(({ place, names }) =>
    names.filter((name) => name.startsWith(prefix) && !known.includes(name)).map((name) => ({ name, place })),
  );
}
