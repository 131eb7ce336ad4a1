import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'sassy-state-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('state', { timeout: 60_000 }, () => {
  it('set moves one slice, shows it first with --dry-run, and refuses what has no position', async () => {
    const on = { cwd };
    const sassy = (...args: string[]) => runCli(['run', 'snyk', ...args, '--json'], on);
    const replay = ['--connection', 'replay'];
    expect((await sassy('stream', '--replay', 'demo')).code).toBe(0);
    const before = (await sassy('state', 'show', ...replay)).json().streams.issues.slices;
    const [slice = '', other = ''] = Object.keys(before);
    const set = ['state', 'set', ...replay, '--stream', 'issues', '--slice', slice, '--cursor', '2024-01-02T03:04:05Z'];

    const planned = (await sassy(...set, '--dry-run')).json();
    expect(planned).toMatchObject({ dryRun: true, from: before[slice].cursor, to: '2024-01-02T03:04:05.000000000Z' });
    expect((await sassy('state', 'show', ...replay)).json().streams.issues.slices).toEqual(before);

    expect((await sassy(...set)).code).toBe(0);
    const after = (await sassy('state', 'show', ...replay)).json().streams.issues.slices;
    expect(after[slice]).toMatchObject({ cursor: '2024-01-02T03:04:05.000000000Z' });
    expect(after[slice].boundary).toBeUndefined();
    expect(after[other]).toEqual(before[other]);

    const noSuch = await sassy(
      'state',
      'set',
      ...replay,
      '--stream',
      'issues',
      '--slice',
      '{"org":"x"}',
      '--cursor',
      '2024-01-02',
    );
    expect(noSuch.code).toBe(2);
    const listed = await sassy('state', 'set', ...replay, '--stream', 'orgs', '--cursor', '2024-01-02');
    expect(listed.code).toBe(2);
  });
});
