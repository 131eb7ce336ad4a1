import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import { type PostgresPlace, postgresPlace } from '../sink/postgres/postgres-place.ts';
import { openPostgresSink } from '../sink/postgres/postgres-sink.ts';
import type { Sink } from '../sink/sink.ts';
import { Secret } from '../util/secret.ts';
import { connectionText } from './config/connection.ts';
import { readEnvFiles } from './config/env-files.ts';
import type { PostgresChoice } from './config/sink-choice.ts';
import type { CliEnvironment } from './environment.ts';
import { networkSettings } from './network-settings.ts';
import type { SinkPlace } from './sink-place.ts';

const VARIABLE = 'SASSY_POSTGRES_URL';

export interface PostgresSettings {
  readonly place: PostgresPlace;
  /** The variable that held the URL. */
  readonly variable: string;
}

/** A variable of the environment, else of `.env.local` and `.env`; empty is not set. */
export function variableOf({ variables }: CliEnvironment, projectFolder: string, name: string): string | undefined {
  const files = readEnvFiles(projectFolder);
  return variables[name] || files['.env.local'].get(name) || files['.env'].get(name) || undefined;
}

/** Where the PostgreSQL sink writes. From here on no output shows the password. CONFIG_MISSING, CONFIG_INVALID. */
export async function postgresSettings(
  environment: CliEnvironment,
  projectFolder: string,
  { urlFrom: variable = VARIABLE }: PostgresChoice,
): Promise<PostgresSettings> {
  const { host, redaction } = environment;
  const url = variableOf(environment, projectFolder, variable);
  if (url === undefined) {
    throw new SassyError('CONFIG_MISSING', {
      message: `the sink postgres needs ${variable}, and it is not set`,
      state: 'safe: raw data is committed, the sink is as it was',
      fix: `set ${variable}=postgresql://user:password@host:5432/database in the environment or in .env`,
    });
  }
  await redaction.add([new Secret(url)]);
  const { extraCa } = await networkSettings(environment.variables, host.fs);
  const place = await postgresPlace(url, { variable, readFile: host.fs.readFile, extraCa });
  const passwords = [place.password, environment.variables['PGPASSWORD']].filter((text) => text !== undefined);
  // A password that is the user's name is no secret, and masking it would make what is printed unreadable.
  await redaction.add(passwords.filter((text) => text !== place.user).map((text) => new Secret(text)));
  return { place, variable };
}

/** `snyk`, or `snyk_acme` for a named connection, where the project's config names no other. */
export function postgresSchema({ schemas = {} }: PostgresChoice, integration: string, connection: string): string {
  const text = connectionText({ integration, connection });
  const plain = connection === integration ? integration : `${integration}_${connection}`;
  return schemas[text] ?? plain.replaceAll('-', '_');
}

export async function openPostgresOf(
  session: SinkPlace,
  choice: PostgresChoice,
  mode: 'read' | 'write',
): Promise<Sink> {
  const { environment, manifest, connection, projectFolder } = session;
  const { name: integration } = manifest;
  return openPostgresSink({
    ...(await postgresSettings(environment, projectFolder, choice)),
    schema: postgresSchema(choice, integration, connection),
    owner: connectionText({ integration, connection }),
    origin: await originOf(session, mode),
    readOnly: mode === 'read',
  });
}

/** Tells this data folder from others that fill the same database: made with the first parse, gone with `parsed/`. */
async function originOf({ environment, paths }: SinkPlace, mode: 'read' | 'write'): Promise<string> {
  const { fs } = environment.host;
  const file = join(paths.parsed, 'postgres-origin');
  const read = async (): Promise<string> => (await fs.readFile(file)).toString('utf8').trim();
  try {
    return await read();
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    if (mode === 'read') return '';
  }
  await fs.mkdir(paths.parsed);
  try {
    await fs.writeNew(file, [Buffer.from(`${randomUUID()}\n`)]);
    await fs.syncFolder(paths.parsed);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return read();
}
