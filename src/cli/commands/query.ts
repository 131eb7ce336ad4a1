import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SassyError } from '../../errors/sassy-error.ts';
import { findProject } from '../../integration/discovery.ts';
import { connectionPaths } from '../../runtime/connection.ts';
import { openPostgresQuery } from '../../sink/postgres/postgres-query.ts';
import { openQuery, type Query } from '../../sink/query.ts';
import { importModule } from '../../integration/loader.ts';
import { loadProjectConfig } from '../config/project-config.ts';
import { nameOf, postgresChoice, type SinkChoice } from '../config/sink-choice.ts';
import type { Answer, CliEnvironment, CommonOptions } from '../environment.ts';
import { renderTable } from '../render/table.ts';
import { postgresSettings } from '../postgres-settings.ts';
import { dataDirOf } from '../session.ts';
import { sinkChoices } from '../sinks.ts';

export interface QueryFlags extends CommonOptions {
  readonly connection: string | undefined;
}

/**
 * `sassy query "<sql>"`: SQL over the entities of every integration that has some: of their default connections, or
 * of the connection named. Asks the first sink of the project that can be asked. Read-only; no integration is loaded.
 */
export async function queryCommand(environment: CliEnvironment, sql: string, flags: QueryFlags): Promise<Answer> {
  const projectFolder = (await findProject(environment.cwd)) ?? environment.cwd;
  const config = await loadProjectConfig(projectFolder, importModule);
  const choices = sinkChoices({ projectConfig: config });
  const choice = choices.find((one) => ['duckdb', 'parquet', 'postgres'].includes(nameOf(one)));
  if (choice === undefined) throw noSql(choices);
  const dataDir = dataDirOf(environment, flags, config, projectFolder);
  const query = await openChosen(environment, choice, { ...flags, dataDir, projectFolder });
  try {
    const { columns, rows } = await query.run(sql);
    const json = { command: 'query', ok: true, exitCode: 0, retryable: false, columns, rows };
    return { exitCode: 0, json, text: renderTable(rows, { width: environment.stdout.columns, columns }) };
  } finally {
    await query.close();
  }
}

interface Where {
  readonly dataDir: string;
  readonly projectFolder: string;
  readonly connection: string | undefined;
}

async function openChosen(environment: CliEnvironment, choice: SinkChoice, where: Where): Promise<Query> {
  const [onlyIntegration, connection] = splitConnection(where.connection);
  const postgres = postgresChoice(choice);
  if (postgres === undefined) return openFiles(environment, choice, where);
  return openPostgresQuery({
    ...(await postgresSettings(environment, where.projectFolder, postgres)),
    wants(owner) {
      const [integration = '', named = integration] = owner.split('/');
      return (onlyIntegration ?? integration) === integration && named === (connection ?? integration);
    },
  });
}

async function openFiles(environment: CliEnvironment, choice: SinkChoice, where: Where): Promise<Query> {
  const { host } = environment;
  const { dataDir } = where;
  const [onlyIntegration, connection] = splitConnection(where.connection);
  const integrations = (await host.fs.list(dataDir)).filter(
    (name) => onlyIntegration === undefined || name === onlyIntegration,
  );
  const files = integrations
    .map((integration) => ({
      integration,
      file: fileOf(choice, dataDir, integration, connection ?? integration),
    }))
    .filter(({ file }) => existsSync(file));
  if (files.length === 0) {
    const there = await connectionsThere(environment, choice, dataDir, integrations);
    throw new SassyError('NOTHING_THERE', {
      message: `there are no entities${where.connection === undefined ? '' : ` for the connection ${where.connection}`} in ${dataDir}`,
      ...(there.length === 0 ? {} : { why: `there are some for: ${there.join(', ')}` }),
      fix: there.length === 0 ? 'sassy run <integration> parse' : `sassy query … --connection ${there[0] ?? ''}`,
    });
  }
  return openQuery(files);
}

/** What is true of a Parquet sink lies in a database beside its files. */
function fileOf(choice: SinkChoice, dataDir: string, integration: string, connection: string): string {
  const { duckdb, parsed } = connectionPaths(dataDir, integration, connection);
  return nameOf(choice) === 'parquet' ? join(parsed, 'parquet', '_sassy', 'entities.duckdb') : duckdb;
}

function noSql(choices: readonly SinkChoice[]): SassyError {
  const names = choices.map(nameOf).join(', ');
  return new SassyError('USAGE', {
    message: `SQL needs the sink duckdb, parquet or postgres, and this project has ${names}`,
    ...(names.includes('jsonl') ? { why: 'the lines of jsonl are for jq and for read_json of any DuckDB' } : {}),
    fix: `add 'duckdb' to sinks in sassy.config.ts, then: sassy run <integration> restream; or look at entities with: sassy run <integration> show <Entity>`,
  });
}

/** `replay` is that connection of every integration, `snyk/replay` of one. */
function splitConnection(name: string | undefined): readonly [string | undefined, string | undefined] {
  if (name === undefined) return [undefined, undefined];
  const [first = '', second] = name.split('/');
  return second === undefined ? [undefined, first] : [first, second];
}

async function connectionsThere(
  { host }: CliEnvironment,
  choice: SinkChoice,
  dataDir: string,
  integrations: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const integration of integrations) {
    for (const connection of await host.fs.list(`${dataDir}/${integration}`).catch(() => [])) {
      if (existsSync(fileOf(choice, dataDir, integration, connection))) found.push(connection);
    }
  }
  return [...new Set(found)];
}
