import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnykEmulator, type SnykEmulator } from '../emulators/snyk/snyk-emulator.ts';
import { answerOf, BIN, type CliAnswer, runCli, startCli, type Workspace, workspace } from '../support/cli.ts';

/** Each ends with the exit code of the contract, says what mends it, and leaves the committed data as it was. */
describe('bad input', () => {
  let emulator: SnykEmulator;
  let place: Workspace;
  beforeAll(async () => {
    emulator = await startSnykEmulator({ orgs: 2, issuesPerOrg: 60, projectsPerOrg: 5 });
  });
  afterAll(() => emulator.close());
  beforeEach(() => {
    place = workspace();
  });
  afterEach(() => place.remove());

  const env = (): Record<string, string> => ({
    SASSY_SNYK__TOKEN: emulator.token,
    SASSY_SNYK__BASE_URL: emulator.url,
  });
  const snyk = (args: string, extra: Record<string, string> = {}): Promise<CliAnswer> =>
    runCli(['run', 'snyk', ...args.split(' '), '--json'], { cwd: place.folder, env: { ...env(), ...extra } });
  const sassy = (...args: string[]): Promise<CliAnswer> => runCli(args, { cwd: place.folder, env: env() });

  function expectEnding(answer: CliAnswer, exitCode: number, code: string, ...texts: readonly RegExp[]): void {
    expect(answer.code, answer.stderr).toBe(exitCode);
    expect(answer.json()).toMatchObject({ ok: false, exitCode, error: { code } });
    for (const text of texts) expect(answer.stderr).toMatch(text);
    expect(answer.stderr + answer.stdout).not.toContain(emulator.token);
  }

  it('an unknown integration: did you mean', async () => {
    expectEnding(await sassy('run', 'snik', 'stream', '--json'), 2, 'UNKNOWN_INTEGRATION', /Did you mean snyk\?/);
  });

  it('an unknown stream: did you mean', async () => {
    expectEnding(await snyk('stream --streams isues'), 2, 'UNKNOWN_STREAM', /did you mean issues\?/);
    expectEnding(await snyk('show isues'), 2, 'UNKNOWN_STREAM', /did you mean issues\?/);
  });

  it('an unknown command and an unknown option', async () => {
    expectEnding(await snyk('streem'), 2, 'USAGE', /stream/);
    expectEnding(await snyk('stream --ful'), 2, 'USAGE', /--full/);
  });

  it('a missing secret: names the variable', async () => {
    const answer = await runCli(['run', 'snyk', 'stream', '--json'], { cwd: place.folder });
    expectEnding(answer, 3, 'CONFIG_MISSING', /SASSY_SNYK__TOKEN/);
  });

  it('an invalid config value: the field, where it came from, why', async () => {
    expectEnding(
      await snyk('stream', { SASSY_SNYK__BASE_URL: 'not a url' }),
      3,
      'CONFIG_INVALID',
      /baseUrl/,
      /SASSY_SNYK__BASE_URL/,
    );
  });

  it('a secret in a flag is refused without being repeated', async () => {
    const answer = await snyk('stream --set token=hunter2hunter2');
    expectEnding(answer, 2, 'USAGE', /SASSY_SNYK__TOKEN/);
    expect(answer.stderr + answer.stdout).not.toContain('hunter2');
  });

  it('a wrong token: exit 4, nothing stored', async () => {
    const answer = await snyk('stream', { SASSY_SNYK__TOKEN: 'a-wrong-token' });
    expect(answer.code).toBe(4);
    expect(answer.json().streams[0]).toMatchObject({
      name: 'orgs',
      status: 'failed',
      error: { code: 'LOGIN_REFUSED' },
    });
    expect(answer.stdout + answer.stderr).not.toContain('a-wrong-token');
    expectEnding(await snyk('parse'), 2, 'NOTHING_THERE', /sassy run snyk stream/);
  });

  it('an API that is not there: exit 75, safe to run again', async () => {
    const answer = await snyk('check', { SASSY_SNYK__BASE_URL: 'http://127.0.0.1:1' });
    expect(answer.code).toBe(75);
    expect(answer.json()).toMatchObject({ retryable: true });
  }, 60_000);

  it('a stream that the login may not read is skipped, the others are read, exit 6', async () => {
    emulator.failNext({ path: /\/projects/, times: 2 }, { status: 403 });
    const answer = await snyk('stream');
    expect(answer.code, answer.stderr).toBe(6);
    const status = Object.fromEntries(
      answer.json().streams.map((item: { name: string; status: string }) => [item.name, item.status]),
    );
    expect(status).toMatchObject({ orgs: 'complete', projects: 'skipped', issues: 'complete' });
  });

  it('a data folder that cannot be made', async () => {
    writeFileSync(join(place.folder, 'a-file'), 'in the way');
    expectEnding(await snyk('stream --data-dir a-file'), 1, 'DATA_DIR', /a-file/);
  });

  it.skipIf(process.getuid?.() === 0)(
    'a data folder that is read-only (not as root, who may write anyway)',
    async () => {
      const folder = join(place.folder, 'data');
      mkdirSync(folder);
      chmodSync(folder, 0o500);
      expectEnding(await snyk('stream --data-dir data'), 1, 'DATA_DIR', /data/);
    },
  );

  it('a disk that takes no more: nothing is told as kept that is not; the same command goes on when it does', async () => {
    const roomy = await startSnykEmulator({ orgs: 1, issuesPerOrg: 400, projectsPerOrg: 2 });
    try {
      const full = { SASSY_SNYK__TOKEN: roomy.token, SASSY_SNYK__BASE_URL: roomy.url };
      // The shell's limit on the size of a file stands for the disk: the segment of issues does not fit.
      const script = 'ulimit -f 8; exec "$0" "$@"';
      const limited = spawn('bash', ['-c', script, process.execPath, BIN, 'run', 'snyk', 'stream', '--json'], {
        cwd: place.folder,
        env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, ...full },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const answer = await answerOf(limited);
      expect(answer.code, answer.stderr).toBe(1);
      const issues = answer.json().streams.find((item: { name: string }) => item.name === 'issues');
      expect(issues).toMatchObject({ status: 'failed', records: 0, bytes: 0 });
      expect((await snyk('show issues')).lines()).toEqual([]);
      const again = await snyk('stream', full);
      expect(again.code, again.stderr).toBe(0);
      expect((await snyk('show issues --all')).lines()).toHaveLength(400);
    } finally {
      await roomy.close();
    }
  });

  it('a second run on the same connection: exit 75 at once, the first one ends well', async () => {
    emulator.failNext({ path: /\/issues/, times: 1 }, { status: 503 });
    const first = startCli(['run', 'snyk', 'stream', '--json'], { cwd: place.folder, env: env() });
    const ended = answerOf(first);
    await lockTaken(place.folder);
    const second = await snyk('stream');
    expectEnding(second, 75, 'LOCK_HELD', new RegExp(`pid ${String(first.pid)}`));
    expect((await ended).code).toBe(0);
  });

  it('a flipped bit in a stored segment: named, nothing made of it, other streams readable', async () => {
    expect((await snyk('stream')).code).toBe(0);
    const folder = join(place.folder, '.sassy/snyk/snyk/raw/issues/segments');
    const [segment = ''] = readdirSync(folder);
    const bytes = readFileSync(join(folder, segment));
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    writeFileSync(join(folder, segment), bytes);
    expectEnding(await snyk('show issues'), 1, 'STORE_CORRUPT', new RegExp(segment));
    const parsed = await snyk('parse');
    expect(parsed.code).toBe(1);
    expect(parsed.json().parsers).toMatchObject([
      { name: 'projects', entities: { added: 10 } },
      { name: 'findings', error: { code: 'STORE_CORRUPT' } },
      { name: 'people', entities: { added: 13 } },
    ]);
    expect((await snyk('show projects')).lines()).toHaveLength(10);
  });

  it('data of a newer sassy: refused, not touched', async () => {
    expect((await snyk('stream')).code).toBe(0);
    const file = join(place.folder, '.sassy/snyk/snyk/raw/orgs/commits/00000001.json');
    const newer = readFileSync(file, 'utf8').replace('"format":1', '"format":99');
    writeFileSync(file, newer);
    const answer = await snyk('stream');
    expect(answer.code).toBe(3);
    expect(answer.stdout).toContain('STORE_VERSION');
    expect(readFileSync(file, 'utf8')).toBe(newer);
  });

  it('Ctrl-C: stops at a commit with 130; the same command goes on from there', async () => {
    const slow = await startSnykEmulator({ orgs: 2, issuesPerOrg: 400, projectsPerOrg: 5, latencyMs: 100 });
    try {
      const options = { cwd: place.folder, env: { SASSY_SNYK__TOKEN: slow.token, SASSY_SNYK__BASE_URL: slow.url } };
      const child = startCli(['run', 'snyk', 'stream', '--json'], options);
      const ended = answerOf(child);
      while (slow.requests.filter(({ path }) => path.endsWith('/issues')).length < 3) await delay(20);
      child.kill('SIGINT');
      const stopped = await ended;
      expect(stopped.code, stopped.stderr).toBe(130);
      const kept = stopped.json().streams.find((item: { name: string }) => item.name === 'issues');
      expect(kept).toMatchObject({ status: 'partial' });
      expect(kept.records).toBeGreaterThan(0);
      slow.clearRequests();
      const again = await runCli(['run', 'snyk', 'stream', '--json'], options);
      expect(again.code, again.stderr).toBe(0);
      const rest = again.json().streams.find((item: { name: string }) => item.name === 'issues');
      expect(kept.records + rest.records).toBe(800);
      expect((await runCli(['run', 'snyk', 'show', 'issues', '--all'], options)).lines()).toHaveLength(800);
    } finally {
      await slow.close();
    }
  });
});

async function lockTaken(folder: string): Promise<void> {
  const lock = join(folder, '.sassy/snyk/snyk/lock');
  for (;;) {
    try {
      if (readdirSync(lock).some((name) => /^\d+\.json$/.test(name))) return;
    } catch {
      // Not there yet.
    }
    await delay(10);
  }
}
