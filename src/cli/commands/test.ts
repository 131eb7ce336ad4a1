import { isDeepStrictEqual } from 'node:util';
import { errorReport } from '../../errors/error-report.ts';
import { SassyError } from '../../errors/sassy-error.ts';
import type { TestCase, TestRunResult } from '../../model/results.ts';
import { faultySnapshots } from '../../snapshot/faults.ts';
import { listScenarios, readSnapshot, type Snapshot } from '../../snapshot/snapshot-file.ts';
import type { Answer } from '../environment.ts';
import { summaryOf } from '../summary-of.ts';
import { resultHead } from '../result-head.ts';
import { entitiesOf, runThrough, type RunThrough } from '../run-through.ts';
import { withScratch } from '../scratch.ts';
import type { Session } from '../session.ts';
import { snapshotFile, snapshotFolder } from '../snapshots.ts';
import { parseAll } from './parse.ts';

/** `sassy run <i> test`: every snapshot, replayed with the network closed, healthy and with faults, compared. */
export async function testCommand(session: Session): Promise<Answer> {
  const scenarios = await listScenarios(session.environment.host, snapshotFolder(session));
  if (scenarios.length === 0) {
    throw new SassyError('UNKNOWN_SCENARIO', {
      message: `${session.manifest.name} has no snapshots to test with`,
      fix: `sassy run ${session.manifest.name} record first-sync`,
    });
  }
  const cases: TestCase[] = [];
  for (const scenario of scenarios) cases.push(...(await testScenario(session, scenario)));
  const count = (outcome: TestCase['outcome']): number => cases.filter((item) => item.outcome === outcome).length;
  const exitCode = count('failed') === 0 ? 0 : 6;
  const json: TestRunResult = {
    command: 'test',
    ...resultHead(session, exitCode, []),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    cases,
  };
  return { exitCode, json, text: summaryOf(session, json, undefined) };
}

async function testScenario(session: Session, scenario: string): Promise<readonly TestCase[]> {
  const snapshot = await readSnapshot(session.environment.host, snapshotFile(session, scenario));
  const healthy = await replayed(session, scenario, snapshot);
  const cases = [...healthy];
  for (const { name, snapshot: faulty } of faultySnapshots(snapshot)) {
    cases.push(...(await replayed(session, `${scenario}, ${name}`, faulty)));
  }
  return cases;
}

/** One replay on an empty connection, and what is asked of it. */
async function replayed(session: Session, name: string, snapshot: Snapshot): Promise<readonly TestCase[]> {
  try {
    return await withScratch(session, async (scratch) => {
      const problems: string[] = [];
      const replay = { snapshot, onProblem: (problem: string) => problems.push(problem) };
      const run = await runThrough(scratch, {
        streams: Object.keys(snapshot.expected.streams),
        maxPages: undefined,
        online: { replay },
      });
      const failed = [...run.streams, ...run.parsers].flatMap(({ result: { name: part, error } }) =>
        error === undefined ? [] : [`${part}: ${error.code} ${error.message}`],
      );
      return [
        verdict(`${name}: streams and parsers come to their end`, failed),
        verdict(`${name}: every request is recorded, every answer is used`, problems),
        verdict(`${name}: records as recorded`, differences(snapshot.expected.streams, run.records)),
        verdict(`${name}: entities as recorded`, entityDifferences(snapshot.expected.entities, run.entities)),
        verdict(`${name}: restream gives the same entities`, await restreamDifferences(scratch, run)),
      ];
    });
  } catch (error) {
    const { code, message } = errorReport(error);
    return [{ name: `${name}: replays`, outcome: 'failed', reason: `${code} ${message}` }];
  }
}

async function restreamDifferences(session: Session, run: RunThrough): Promise<readonly string[]> {
  const outcomes = await parseAll(session, { parsers: undefined, mode: 'restream', dryRun: false, diff: false });
  const failed = outcomes.flatMap(({ result }) => result.error?.message ?? []);
  return failed.length > 0 ? failed : entityDifferences(run.entities, await entitiesOf(session));
}

function verdict(name: string, problems: readonly string[]): TestCase {
  if (problems.length === 0) return { name, outcome: 'passed' };
  const more = problems.length > 3 ? `\n… and ${problems.length - 3} more` : '';
  return { name, outcome: 'failed', reason: problems.slice(0, 3).join('\n') + more };
}

function differences(
  expected: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return names
    .filter((name) => expected[name] !== found[name])
    .map((name) => `${name}: recorded ${expected[name] ?? 'nothing'}, now ${found[name] ?? 'nothing'}`);
}

function entityDifferences(expected: RunThrough['entities'], found: RunThrough['entities']): readonly string[] {
  const problems: string[] = [];
  for (const table of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const before = expected[table] ?? [];
    const after = found[table] ?? [];
    if (before.length !== after.length) problems.push(`${table}: recorded ${before.length}, now ${after.length}`);
    before.forEach((row, index) => {
      const now = after[index];
      if (now === undefined || isDeepStrictEqual(row, now)) return;
      const fields = Object.keys({ ...row, ...now }).filter((field) => !isDeepStrictEqual(row[field], now[field]));
      const shown = fields.map((field) => `${field}: ${JSON.stringify(row[field])} → ${JSON.stringify(now[field])}`);
      problems.push(`${table} ${String(Object.values(row)[0])}: ${shown.slice(0, 3).join(', ')}`);
    });
  }
  return problems;
}
