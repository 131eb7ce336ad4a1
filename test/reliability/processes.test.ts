import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, type CliAnswer } from '../support/cli.ts';
import { type ItemServer, itemOf, startItemServer } from './item-server.ts';
import { ITEMS, project, type Project } from './project.ts';
import { storedEntities, storedRaw, strays } from './stored.ts';

/** SASSY_TRIALS=50: the numbers of the plan. */
const TRIALS = Number(process.env['SASSY_TRIALS'] ?? 1);
const COUNT = 500;
const LONG = 120_000 + TRIALS * 15_000;

/** Runs that meet, die, sleep or are told to stop (T1–T4, T7, C4). */
describe('processes', { timeout: 120_000 }, () => {
  let server: ItemServer;
  let place: Project;
  let children: ChildProcess[];
  beforeEach(async () => {
    server = await startItemServer(COUNT);
    place = project({ integration: ITEMS, baseUrl: server.url });
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server.close();
    place.remove();
  });

  const start = (
    args: string,
    env?: Readonly<Record<string, string>>,
  ): { child: ChildProcess; ended: Promise<CliAnswer> } => {
    const child = place.start(args, env === undefined ? {} : { env });
    children.push(child);
    return { child, ended: answerOf(child) };
  };

  /** Holds the answer to request number `nth` (from 1); `arrived` resolves when it has come. */
  function hold(nth: number): { readonly arrived: Promise<void>; readonly release: () => void } {
    const gate = Promise.withResolvers<boolean>();
    const arrived = Promise.withResolvers<void>();
    const first = server.requests.length;
    server.before = () => {
      if (server.requests.length - first !== nth) return false;
      arrived.resolve();
      return gate.promise;
    };
    return { arrived: arrived.promise, release: () => gate.resolve(false) };
  }

  async function expectExact(count = COUNT): Promise<void> {
    const raw = await storedRaw(place);
    expect([...raw.ids].sort()).toEqual(Array.from({ length: count }, (_, n) => itemOf(n).id).sort());
    expect(strays(place, raw)).toEqual([]);
  }

  it('T1: a second run while one is at work ends with 75 and says who has the lock', { timeout: LONG }, async () => {
    place.save('empty');
    for (let trial = 0; trial < TRIALS; trial += 1) {
      place.restore('empty');
      const held = hold(2);
      const first = start('stream');
      await held.arrived;
      const second = await place.run('stream');
      expect(second.code, second.stderr).toBe(75);
      expect(second.json()).toMatchObject({ retryable: true, error: { code: 'LOCK_HELD' } });
      expect(second.stderr).toMatch(new RegExp(`running since \\d\\d:\\d\\d, pid ${String(first.child.pid)}, host`));
      held.release();
      expect((await first.ended).code).toBe(0);
      await expectExact();
    }
  });

  it('T1: several started at the same moment: each ends with 0 or 75', { timeout: LONG }, async () => {
    const answers = await Promise.all(Array.from({ length: 3 }, () => start('stream').ended));
    const codes = answers.map(({ code }) => code);
    expect(codes).toContain(0);
    for (const [index, code] of codes.entries()) expect([0, 75], answers[index]?.stderr).toContain(code);
    await expectExact();
  });

  it('T2: the lock of a run that was killed is taken at once', { timeout: LONG }, async () => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const held = hold(1 + (trial % 4));
      const { child, ended } = start('stream --full');
      await held.arrived;
      child.kill('SIGKILL');
      await ended;
      held.release();
      server.before = () => false;
      const next = await place.run('stream --max-pages 1');
      expect(next.code, next.stderr).toBe(0);
    }
    expect((await place.run('stream')).code).toBe(0);
    await expectExact();
  });

  it(
    'T3: a run that sleeps while its lock is given away commits nothing when it wakes',
    { timeout: LONG },
    async () => {
      place.save('empty');
      for (let trial = 0; trial < TRIALS; trial += 1) {
        place.restore('empty');
        const held = hold(3);
        const zombie = start('stream');
        await held.arrived;
        zombie.child.kill('SIGSTOP');
        // It may wake, so nobody takes its lock from it …
        const refused = await place.run('stream');
        expect(refused.code, refused.stderr).toBe(75);
        // … until somebody says that it is dead, by emptying the file.
        const folder = join(place.data, 'lock');
        for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '');
        server.before = () => false;
        const other = await place.run('stream');
        expect(other.code, other.stderr).toBe(0);
        const before = await storedRaw(place);
        held.release();
        zombie.child.kill('SIGCONT');
        const woken = await zombie.ended;
        expect(woken.code, woken.stderr).toBe(75);
        expect(woken.stdout).toContain('FENCED');
        expect(await storedRaw(place)).toEqual(before);
        expect(strays(place, before)).toEqual([]);
        const again = await place.run('stream');
        expect(again.code, again.stderr).toBe(0);
      }
    },
  );

  it('T4: two connections of one integration run side by side, each with data of its own', async () => {
    const env = { SASSY_ACME_A__BASE_URL: server.url, SASSY_ACME_B__BASE_URL: server.url };
    const both = ['a', 'b'].map((name) => start(`stream --connection ${name}`, env).ended);
    const [a, b] = await Promise.all(both);
    expect([a?.code, b?.code], `${a?.stderr}${b?.stderr}`).toEqual([0, 0]);
    for (const name of ['a', 'b']) {
      const { ids } = await storedRaw({ data: join(place.folder, '.sassy/acme', name) });
      expect(ids).toHaveLength(COUNT);
    }
  });

  it('T7: a row that becomes visible behind the position is found by the next run', async () => {
    // Item 300 is not there yet while 301 to 499 are.
    const late = itemOf(300);
    server.before = async (request, response) => {
      if (server.count === COUNT + 1) return false;
      const { searchParams } = new URL(request.url ?? '', server.url);
      const from = Number(searchParams.get('page') ?? 0) * 100;
      const data = Array.from({ length: 100 }, (_, index) => itemOf(from + index)).filter(({ id }) => id !== late.id);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data, next: from + 100 < COUNT ? `/items?page=${from / 100 + 1}` : null }));
      return true;
    };
    expect((await place.run('stream')).code).toBe(0);
    expect((await storedRaw(place)).ids).not.toContain(late.id);
    server.count = COUNT + 1;
    expect((await place.run('stream')).code).toBe(0);
    await expectExact(COUNT + 1);
  });

  describe.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('C4: $signal', ({ signal, code }) => {
    it.each([1, 4])('while page %d of five is awaited: what came is committed', async (page) => {
      const held = hold(page);
      const { child, ended } = start('stream');
      await held.arrived;
      child.kill(signal);
      await delay(50);
      held.release();
      const stopped = await ended;
      expect(stopped.code, stopped.stderr).toBe(code);
      server.before = () => false;
      const asked = server.requests.length;
      const again = await place.run('stream');
      expect(again.code, again.stderr).toBe(0);
      await expectExact();
      // The pages before it are not asked for again.
      expect(server.requests.length - asked).toBeLessThanOrEqual(5 - (page - 1) + 1);
    });

    it('twice: at once, and the next run is exact all the same', async () => {
      const held = hold(3);
      const { child, ended } = start('stream');
      await held.arrived;
      child.kill(signal);
      await delay(300);
      child.kill(signal);
      const stopped = await ended;
      held.release();
      // A shell shows both as 128 + its number.
      expect([code, signal], stopped.stderr).toContain(stopped.code ?? stopped.signal);
      server.before = () => false;
      expect((await place.run('stream')).code).toBe(0);
      await expectExact();
    });

    it('while a parser is at work: the sink is as it was', async () => {
      const text = readFileSync(join(place.folder, 'integrations/acme/integration.ts'), 'utf8');
      const slow = text.replace(
        'yield { id, size };',
        '{ await new Promise((done) => setTimeout(done, 20)); yield { id, size }; }',
      );
      expect(slow).not.toBe(text);
      writeFileSync(join(place.folder, 'integrations/acme/integration.ts'), slow);
      expect((await place.run('stream')).code).toBe(0);
      const { child, ended } = start('parse');
      for (;;) {
        if (place.files().includes('parsed/entities.duckdb')) break;
        await delay(20);
      }
      await delay(200);
      child.kill(signal);
      expect((await ended).code).toBe(code);
      expect(await storedEntities(place, 'duckdb')).toEqual({ rows: [], position: undefined });
      writeFileSync(join(place.folder, 'integrations/acme/integration.ts'), text);
      expect((await place.run('parse')).code).toBe(0);
      expect((await storedEntities(place, 'duckdb')).rows).toHaveLength(COUNT);
    });
  });
});
