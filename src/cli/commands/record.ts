import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SassyError } from '../../errors/sassy-error.ts';
import { effectiveBase } from '../../http/request-url.ts';
import type { RecordRunResult } from '../../model/results.ts';
import { recorder } from '../../snapshot/recorder.ts';
import { scrubber } from '../../snapshot/scrub.ts';
import { type Snapshot, writeSnapshot } from '../../snapshot/snapshot-file.ts';
import { isSecretField } from '../../integration/secret-field.ts';
import { configFields } from '../config/config-fields.ts';
import type { Secret } from '../../util/secret.ts';
import { isObject } from '../../util/json.ts';
import type { Answer } from '../environment.ts';
import { summaryOf } from '../summary-of.ts';
import { sessionConfig } from '../resolve-session-config.ts';
import { resultHead } from '../result-head.ts';
import { runThrough, type RunThrough } from '../run-through.ts';
import { withScratch } from '../scratch.ts';
import type { Session } from '../session.ts';

export interface RecordFlags {
  readonly streams: readonly string[] | undefined;
  readonly maxPages: number | undefined;
  /** What the recording is of; default: the host that answered. */
  readonly source: string | undefined;
}

/** `sassy run <i> record <scenario>`: a real run on an empty connection, through a recorder, scrubbed, into a snapshot. */
export async function recordCommand(session: Session, scenario: string, flags: RecordFlags): Promise<Answer> {
  requireScenarioName(scenario);
  const { environment, manifest, projectFolder } = session;
  const { config, secrets } = sessionConfig(session);
  const given = isObject(config) && typeof config['baseUrl'] === 'string' ? config['baseUrl'] : undefined;
  const effective = effectiveBase(manifest.http.baseUrl, given);
  const tape = recorder({ origin: { effective, canonical: manifest.http.baseUrl } });
  // Tokens that are got on the way are as secret as those in the config.
  const learned: Secret[] = [];
  const run = await withScratch(session, (scratch) =>
    runThrough(scratch, {
      streams: flags.streams,
      maxPages: flags.maxPages,
      online: { wrapTransport: tape.policy, onSecret: (secret) => void learned.push(secret) },
    }),
  );
  if (run.exitCode !== 0) throw firstError(run);
  if (tape.failedAttempts() > 0) {
    await environment.stderr.write(`${tape.failedAttempts()} attempts got no answer and are not in the snapshot\n`);
  }
  const all = [...secrets, ...learned];
  const scrub = scrubber({ secrets: all });
  const recorded = scrub.snapshot({
    format: 1,
    integration: manifest.name,
    scenario,
    source: flags.source ?? new URL(effective).host,
    recordedAt: new Date(environment.host.clock.now()).toISOString(),
    baseUrl: manifest.http.baseUrl,
    config: plainConfig(session, config),
    interactions: tape.interactions(),
    expected: { streams: { ...run.records }, entities: {} },
  });
  const snapshot = await withExpectation(session, recorded, flags.streams);
  const file = join(projectFolder, 'snapshots', manifest.name, `${scenario}.json`);
  await writeSnapshot(environment.host, file, snapshot, { secrets: all });
  const json: RecordRunResult = {
    command: 'record',
    ...resultHead(session, 0, []),
    scenario,
    file,
    interactions: snapshot.interactions.length,
    streams: run.streams.map(({ result }) => result),
    entities: Object.fromEntries(
      Object.entries(snapshot.expected.entities).map(([table, rows]) => [table, rows.length]),
    ),
  };
  return { exitCode: 0, json, text: summaryOf(session, json, `sassy run ${manifest.name} test`) };
}

/**
 * The snapshot with what a replay of it ends with: of the scrubbed answers, because those are what every later test
 * sees. It must replay to as many records as were recorded.
 */
async function withExpectation(
  session: Session,
  snapshot: Snapshot,
  streams: readonly string[] | undefined,
): Promise<Snapshot> {
  const problems: string[] = [];
  const replay = { snapshot, onProblem: (problem: string) => problems.push(problem) };
  const run = await withScratch(session, (scratch) =>
    runThrough(scratch, { streams, maxPages: undefined, online: { replay } }),
  );
  if (run.exitCode !== 0) throw firstError(run);
  if (problems.length > 0 || !isDeepStrictEqual(run.records, snapshot.expected.streams)) {
    throw new SassyError('SNAPSHOT_MISMATCH', {
      message: `the recording of ${snapshot.scenario} does not replay to what was recorded, so it was not kept`,
      why:
        problems[0] ?? `recorded ${JSON.stringify(snapshot.expected.streams)}, replayed ${JSON.stringify(run.records)}`,
      state: 'nothing was written',
      fix: 'the API may have changed during the recording, or answers depend on the time: record again',
    });
  }
  const entities = Object.entries(run.entities).map(([table, rows]) => [table, rows.map((row) => ({ ...row }))]);
  return { ...snapshot, expected: { streams: { ...run.records }, entities: Object.fromEntries(entities) } };
}

function requireScenarioName(scenario: string): void {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(scenario)) return;
  throw new SassyError('USAGE', {
    message: `${JSON.stringify(scenario)} cannot be the name of a scenario`,
    why: 'it becomes the name of a file',
    fix: 'use a-z, 0-9, - and _, e.g. first-sync',
  });
}

function firstError({ streams, parsers }: RunThrough): unknown {
  return [...streams, ...parsers].map(({ error }) => error).find((error) => error !== undefined);
}

/** The config values that shape the requests. Not `baseUrl`: a snapshot speaks of the service's own host. */
function plainConfig({ manifest }: Session, config: unknown): Record<string, string> {
  if (!isObject(config)) return {};
  const fields = configFields(
    { integration: manifest.name, connection: manifest.name },
    manifest.config,
    isSecretField,
  );
  return Object.fromEntries(
    fields
      .filter(({ name, secret }) => name !== 'baseUrl' && !secret && config[name] !== undefined)
      .map(({ name }) => [name, configText(config[name])]),
  );
}

/** As `--set` takes it: lists with commas between. */
function configText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(String).join(',') : JSON.stringify(value);
}
