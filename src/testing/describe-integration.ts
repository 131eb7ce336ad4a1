import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import type { TestRunResult } from '../model/results.ts';

export interface DescribeOptions {
  /** The project that holds `integrations/` and `snapshots/`. Default: the current folder. */
  readonly cwd?: string;
}

/**
 * Registers with vitest everything that `sassy run <name> test` asks of an integration, one test for each case: every
 * snapshot replayed with the network closed, healthy and with faults, compared record by record and entity by entity.
 * Await it at the top level of a test file.
 *
 * @example
 * await describeIntegration('snyk');
 */
export async function describeIntegration(name: string, options: DescribeOptions = {}): Promise<void> {
  const { cases, failure } = await testCases(name, options.cwd);
  describe(name, () => {
    if (failure !== undefined) {
      it('can be tested', () => {
        throw new Error(failure);
      });
    }
    for (const { name: title, outcome, reason } of cases) {
      it.skipIf(outcome === 'skipped')(title, () => {
        if (outcome === 'failed') throw new Error(reason ?? 'failed');
      });
    }
  });
}

async function testCases(
  name: string,
  cwd: string | undefined,
): Promise<{ cases: TestRunResult['cases']; failure?: string }> {
  const bin = fileURLToPath(new URL('../../bin/sassy.mjs', import.meta.url));
  const child = spawn(process.execPath, [bin, 'run', name, 'test', '--json', '--quiet'], {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const answer: unknown = last === '' ? undefined : JSON.parse(last);
  return isTestRun(answer) ? { cases: answer.cases } : { cases: [], failure: stderr };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function isTestRun(answer: unknown): answer is TestRunResult {
  return typeof answer === 'object' && answer !== null && 'cases' in answer && Array.isArray(answer.cases);
}
