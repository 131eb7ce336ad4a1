import { existsSync } from 'node:fs';
import { SassyError } from '../../errors/sassy-error.ts';
import { findProject } from '../../integration/discovery.ts';
import { connectionPaths } from '../../runtime/connection.ts';
import { openQuery } from '../../sink/query.ts';
import { importModule } from '../../integration/loader.ts';
import { loadProjectConfig } from '../config/project-config.ts';
import type { Answer, CliEnvironment, CommonOptions } from '../environment.ts';
import { renderTable } from '../render/table.ts';
import { dataDirOf } from '../session.ts';

export interface QueryFlags extends CommonOptions {
  readonly connection: string | undefined;
}

/**
 * `sassy query "<sql>"`: SQL over the entities of every integration that has some: of their default connections, or
 * of the connection named. Read-only; no integration is loaded.
 */
export async function queryCommand(environment: CliEnvironment, sql: string, flags: QueryFlags): Promise<Answer> {
  const { host, cwd, stdout } = environment;
  const projectFolder = (await findProject(cwd)) ?? cwd;
  const config = await loadProjectConfig(projectFolder, importModule);
  const dataDir = dataDirOf(environment, flags, config, projectFolder);
  const [onlyIntegration, connection] = splitConnection(flags.connection);
  const integrations = (await host.fs.list(dataDir)).filter(
    (name) => onlyIntegration === undefined || name === onlyIntegration,
  );
  const files = integrations
    .map((integration) => ({
      integration,
      file: connectionPaths(dataDir, integration, connection ?? integration).duckdb,
    }))
    .filter(({ file }) => existsSync(file));
  if (files.length === 0) {
    const there = await connectionsThere(environment, dataDir, integrations);
    throw new SassyError('NOTHING_THERE', {
      message: `there are no entities${flags.connection === undefined ? '' : ` for the connection ${flags.connection}`} in ${dataDir}`,
      ...(there.length === 0 ? {} : { why: `there are some for: ${there.join(', ')}` }),
      fix: there.length === 0 ? 'sassy run <integration> parse' : `sassy query … --connection ${there[0] ?? ''}`,
    });
  }
  const query = await openQuery(files);
  try {
    const { columns, rows } = await query.run(sql);
    const json = { command: 'query', ok: true, exitCode: 0, retryable: false, columns, rows };
    return { exitCode: 0, json, text: renderTable(rows, { width: stdout.columns, columns }) };
  } finally {
    await query.close();
  }
}

/** `replay` is that connection of every integration, `snyk/replay` of one. */
function splitConnection(name: string | undefined): readonly [string | undefined, string | undefined] {
  if (name === undefined) return [undefined, undefined];
  const [first = '', second] = name.split('/');
  return second === undefined ? [undefined, first] : [first, second];
}

async function connectionsThere(
  { host }: CliEnvironment,
  dataDir: string,
  integrations: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const integration of integrations) {
    for (const connection of await host.fs.list(`${dataDir}/${integration}`).catch(() => [])) {
      if (existsSync(connectionPaths(dataDir, integration, connection).duckdb)) found.push(connection);
    }
  }
  return [...new Set(found)];
}
