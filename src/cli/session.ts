import { join, resolve } from 'node:path';
import { findProject, resolveIntegration, shippedIntegrations } from '../integration/discovery.ts';
import { codeHashOf } from '../integration/code-hash.ts';
import { parserHash } from '../integration/parser-hash.ts';
import { importModule, loadIntegration } from '../integration/loader.ts';
import type { Manifest, ParserDefinition } from '../model/manifest.ts';
import { connectionPaths, type ConnectionPaths } from '../runtime/connection.ts';
import type { ProgressEvent, RunContext, ThreadPlace, ThreadPool } from '../runtime/run-context.ts';
import { newRunId } from '../runtime/run-id.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { fileBlobStore } from '../store/file-blob-store.ts';
import { acquireLock, type RunLock } from '../store/lock.ts';
import { parseConnection } from './config/connection.ts';
import { loadProjectConfig, type ProjectConfig } from './config/project-config.ts';
import type { CliEnvironment, CommonOptions } from './environment.ts';

export interface SessionOptions extends CommonOptions {
  readonly connection: string | undefined;
  /** `--set field=value`, each. */
  readonly sets: readonly string[];
  readonly replay: string | undefined;
}

/** One integration and one connection of it, found and loaded, for one command. Nothing is locked or opened yet. */
export interface Session {
  readonly environment: CliEnvironment;
  readonly options: SessionOptions;
  readonly manifest: Manifest;
  readonly connection: string;
  /** The folder that holds `integrations/`, `snapshots/` and `.env`. */
  readonly projectFolder: string;
  readonly projectConfig: ProjectConfig;
  readonly paths: ConnectionPaths;
  /** Where the logins of the connection are kept, also while a run works on scratch data. */
  readonly authFolder: string;
  readonly blobs: BlobStore;
  readonly runId: string;
  /** Threads that load while the session opens; closed by who asked for them. */
  readonly threadPool: ThreadPool | undefined;
  /** Of what each parser works with: its code, what that imports of the project, its schemas. */
  readonly codeHash: () => Promise<(parser: ParserDefinition) => string>;
}

export interface Target {
  readonly integration: string;
  readonly connection: string;
}

/** Starts threads for what is to come, before the integration is loaded here: they load it at the same time. */
export type StartThreads = (place: ThreadPlace, config: ProjectConfig) => Promise<ThreadPool | undefined>;

/** `snyk`, `snyk/acme`, with `--connection` and `--replay` taken into account. */
export function targetOf(name: string, connection: string | undefined, replay: string | undefined): Target {
  return parseConnection(name, connection ?? (replay === undefined ? undefined : 'replay'));
}

export async function openSession(
  environment: CliEnvironment,
  target: Target,
  options: SessionOptions,
  startThreads?: StartThreads,
): Promise<Session> {
  const { cwd, host } = environment;
  const project = await findProject(cwd);
  const found = await resolveIntegration(target.integration, {
    projectDir: project,
    shippedDir: shippedIntegrations(),
  });
  const projectFolder = project ?? cwd;
  const projectConfig = await loadProjectConfig(projectFolder, importModule);
  const dataDir = dataDirOf(environment, options, projectConfig, projectFolder);
  const paths = connectionPaths(dataDir, target.integration, target.connection);
  const place = { name: found.name, folder: found.folder, root: paths.root };
  const threadPool = await startThreads?.(place, projectConfig);
  const manifest = await loadIntegration(found).catch(async (error: unknown) => {
    await threadPool?.close();
    throw error;
  });
  return {
    environment,
    options,
    manifest,
    connection: target.connection,
    projectFolder,
    projectConfig,
    paths,
    authFolder: join(paths.folder, 'auth'),
    blobs: fileBlobStore(host, paths.root),
    threadPool,
    runId: newRunId(host),
    codeHash: async () => {
      const code = await codeHashOf(manifest.folder);
      return (parser) => parserHash(manifest, parser, code);
    },
  };
}

/** `--data-dir`, then SASSY_HOME, then the project's config, then `.sassy` in the current folder. */
export function dataDirOf(
  { cwd, variables }: CliEnvironment,
  options: Pick<CommonOptions, 'dataDir'>,
  config: ProjectConfig,
  projectFolder: string,
): string {
  const given = options.dataDir ?? (variables['SASSY_HOME'] || undefined);
  if (given !== undefined) return resolve(cwd, given);
  return config.dataDir === undefined ? join(cwd, '.sassy') : resolve(projectFolder, config.dataDir);
}

/** What the runtime needs of a session. */
export function runContext(session: Session, progress: (event: ProgressEvent) => void): RunContext {
  const { environment, manifest, connection, paths, blobs, runId } = session;
  return { host: environment.host, manifest, connection, paths, blobs, runId, signal: environment.signal, progress };
}

/** Runs `work` while nothing else may write to the connection. */
export async function locked<T>(session: Session, command: string, work: (lock: RunLock) => Promise<T>): Promise<T> {
  const { environment, paths, runId } = session;
  const lock = await acquireLock(environment.host, paths.folder, { command, runId });
  try {
    if (lock.previous === 'unreadable') {
      await environment.stderr.write(
        'the lock file of an earlier run was unreadable; it was taken for a run that died\n',
      );
    }
    return await work(lock);
  } finally {
    await lock.release();
  }
}
