import { findProject, listIntegrations, shippedIntegrations } from '../../integration/discovery.ts';
import { importModule, loadIntegration } from '../../integration/loader.ts';
import { connectionPaths } from '../../runtime/connection.ts';
import { fileBlobStore } from '../../store/file-blob-store.ts';
import { readLock } from '../../store/lock.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { isSassyError } from '../../errors/sassy-error.ts';
import { loadProjectConfig } from '../config/project-config.ts';
import { nameOf } from '../config/sink-choice.ts';
import type { Answer, CliEnvironment, CommonOptions } from '../environment.ts';
import { errorJson, exitCodeOf } from '../render/error.ts';
import { dataDirOf } from '../session.ts';
import type { SinkPlace } from '../sink-place.ts';
import { sinkChoices, withSink } from '../sinks.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
  readonly exitCode: number;
}

/**
 * `sassy doctor`: Node, the project, every integration's definition, every stored byte of every connection against its
 * checksum, and its sinks. Reads only; says for each trouble what mends it. Needs no network and no secret.
 */
export async function doctorCommand(environment: CliEnvironment, options: CommonOptions): Promise<Answer> {
  const { cwd, host } = environment;
  const findings: Finding[] = [fine('Node', environment.nodeVersion)];
  const project = await findProject(cwd);
  findings.push(fine('project', project ?? 'none here; only what comes with sassy'));
  const config = await loadProjectConfig(project ?? cwd, importModule);
  const dataDir = dataDirOf(environment, options, config, project ?? cwd);

  const { integrations, problems } = await listIntegrations({ projectDir: project, shippedDir: shippedIntegrations() });
  for (const { folder, what, fix } of problems)
    findings.push({ what: folder, ok: false, detail: what, fix, exitCode: 3 });
  for (const place of integrations) {
    findings.push(
      await examined(
        `integration ${place.name}`,
        async () => `${(await loadIntegration(place)).streams.length} streams`,
      ),
    );
  }
  for (const integration of await host.fs.list(dataDir)) {
    for (const connection of await host.fs.list(`${dataDir}/${integration}`).catch(() => [])) {
      const name = connection === integration ? integration : `${integration}/${connection}`;
      const paths = connectionPaths(dataDir, integration, connection);
      const what = `data of ${name}`;
      findings.push(...(await examineConnection(environment, what, paths.folder)));
      const manifest = { name: integration };
      const projectFolder = project ?? cwd;
      findings.push(
        ...(await examineSinks(
          { environment, manifest, connection, projectFolder, projectConfig: config, paths },
          what,
        )),
      );
    }
  }
  const exitCode = findings.find(({ ok }) => !ok)?.exitCode ?? 0;
  const json = { command: 'doctor', ok: exitCode === 0, exitCode, retryable: false, dataDir, findings };
  const text = findings
    .map(
      ({ what, ok, detail, fix }) =>
        `${ok ? 'ok' : 'x '}  ${what}: ${detail}${fix === undefined ? '' : `\n      fix  ${fix}`}\n`,
    )
    .join('');
  return { exitCode, json, text };
}

async function examineConnection({ host }: CliEnvironment, what: string, folder: string): Promise<readonly Finding[]> {
  const blobs = fileBlobStore(host, folder);
  const findings: Finding[] = [];
  const lock = await readLock(host, folder);
  if (lock !== undefined)
    findings.push(fine(`${what}, lock`, `${lock.command} is running, pid ${lock.pid} on ${lock.hostname}`));
  for (const stream of await host.fs.list(`${folder}/raw`)) {
    findings.push(
      await examined(`${what}, ${stream}`, async () => {
        const raw = await openRawStream(blobs, stream);
        let pages = 0;
        // Every frame that is read is checked against its sha256, and every commit against the one before it.
        for await (const _page of raw.pages({ order: 'oldest' })) pages += 1;
        return `${raw.head?.number ?? 0} commits, ${pages} pages, all as written`;
      }),
    );
  }
  return findings;
}

/** Every entity of every sink that can be looked at is read once. */
async function examineSinks(place: SinkPlace, what: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const choice of sinkChoices(place)) {
    const name = `${what}, sink ${nameOf(choice)}`;
    const finding = await examined(name, async () => {
      try {
        return await withSink(place, choice, async (sink) => {
          let rows = 0;
          const tables = await sink.tables();
          for (const table of tables) for await (const _row of sink.read(table)) rows += 1;
          return `${rows} entities in ${tables.length} ${tables.length === 1 ? 'table' : 'tables'}`;
        });
      } catch (error) {
        if (isSassyError(error, 'NOTHING_THERE')) return 'nothing yet';
        if (isSassyError(error, 'LOCK_HELD')) return 'in use by a run';
        throw error;
      }
    });
    findings.push(finding);
  }
  return findings;
}

async function examined(what: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return fine(what, await work());
  } catch (error) {
    const { message, why, hint } = errorJson(error);
    return {
      what,
      ok: false,
      detail: why === undefined ? message : `${message}; ${why}`,
      fix: hint,
      exitCode: exitCodeOf(error),
    };
  }
}

function fine(what: string, detail: string): Finding {
  return { what, ok: true, detail, exitCode: 0 };
}
