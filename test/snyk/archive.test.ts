import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';

describe('archiving', () => {
  const place = workspace();
  let emulator: SnykEmulator;
  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 2, issuesPerOrg: 10, projectsPerOrg: 5 });
  });
  afterAll(async () => {
    await emulator.close();
    place.remove();
  });

  const sync = async (): Promise<{ answer: CliAnswer; projects: { entities: object } }> => {
    const env = { SASSY_SNYK__TOKEN: emulator.token, SASSY_SNYK__BASE_URL: emulator.url };
    const answer = await runCli(['run', 'snyk', 'sync', '--json'], { cwd: place.folder, env });
    return { answer, projects: answer.json().parsers[0] };
  };

  it('a listing that left a slice out archives nothing; a whole one archives what is gone', async () => {
    expect((await sync()).projects.entities).toMatchObject({ added: 10, archived: 0 });

    emulator.failNext({ path: /\/projects$/, times: 1 }, { status: 404 });
    const partial = await sync();
    expect(partial.answer.json().streams[1]).toMatchObject({ status: 'complete', skippedSlices: 1, records: 5 });
    expect(partial.projects.entities).toMatchObject({ archived: 0 });

    expect((await sync()).projects.entities).toMatchObject({ added: 0, archived: 0 });

    const [gone] = emulator.truth.projects;
    emulator.removeProject(gone?.id ?? '');
    const whole = await sync();
    expect(whole.projects.entities, whole.answer.stderr).toMatchObject({ archived: 1 });
  });
});
