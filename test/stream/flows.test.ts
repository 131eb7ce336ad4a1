import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Acme, startAcme } from './acme-service.ts';

describe('windows, gaps, historical loads and flows', { timeout: 60_000 }, () => {
  let acme: Acme;
  beforeEach(async () => {
    acme = await startAcme();
    let number = 0;
    for (const account of ['a', 'b']) {
      for (const region of ['eu', 'us']) {
        for (const day of ['2025-01-03', '2025-01-20', '2025-02-01', '2025-02-02', '2025-02-03', '2025-03-05']) {
          number += 1;
          acme.events.push({ id: `e${number}`, account, region, at: `${day}T10:00:00.000Z` });
        }
      }
    }
  });
  afterEach(() => acme.close());

  const stream = async (name: string, ...more: string[]) =>
    (await acme.run('stream', '--streams', name, ...more)).json();
  const gaps = async (name: string) => (await acme.run('gaps', '--stream', name)).json();
  const askedFor = (text: string) => acme.asked.filter((url) => url.includes(text));
  const ids = async (name: string) =>
    (await acme.run('show', name))
      .lines()
      .map(({ id }: { id: string }) => id)
      .sort();

  it('reads each window of each account and region once, then only what is new', async () => {
    const first = await stream('windowed');
    expect(first.streams.at(-1)).toMatchObject({ status: 'complete', slices: 4, records: 24 });
    const january = askedFor('account=a&region=eu&since=2025-01-01T00:00:00.000Z&until=2025-01-16T00:00:00.000Z');
    expect(january).toHaveLength(1);
    const spans = askedFor('account=a&region=eu').filter((url) => !url.includes('after=') && url.includes('until='));
    expect(new Set(spans).size).toBe(spans.length);
    expect(spans.length).toBeGreaterThan(25);
    expect(await gaps('windowed')).toMatchObject({ exitCode: 0, streams: [{ gaps: 0, slices: { length: 4 } }] });

    acme.asked.length = 0;
    const newest = new Date(Date.now() - 3_600_000).toISOString();
    acme.events.push({ id: 'new', account: 'a', region: 'eu', at: newest });
    const second = await stream('windowed');
    expect(second.streams.at(-1)).toMatchObject({ status: 'complete', records: 1 });
    expect(askedFor('until=')).toEqual([]);
    expect(askedFor('/events')).toHaveLength(4);
  });

  it('a run that is cut short leaves explicit gaps, and the next one fills them alone', async () => {
    const cut = await stream('windowed', '--max-pages', '9');
    expect(cut.streams.at(-1)).toMatchObject({ status: 'partial' });
    const before = await gaps('windowed');
    expect(before.exitCode).toBe(6);
    const open = before.streams[0].slices.find(({ covered }: { covered: unknown[] }) => covered.length > 0);
    expect(open.gaps.at(-1)).toMatchObject({ to: null });
    const asked = new Set(acme.asked);
    acme.asked.length = 0;

    expect((await stream('windowed')).streams.at(-1)).toMatchObject({ status: 'complete' });
    const again = askedFor('until=').filter((url) => asked.has(url));
    // What was under way when it stopped may be asked for again, what was done is not.
    expect(again.length).toBeLessThan(9);
    expect((await gaps('windowed')).exitCode).toBe(0);
    expect(await ids('windowed')).toHaveLength(24);
    const text = await acme.run('show', 'windowed', '--all');
    expect(text.lines()).toHaveLength(24);
  });

  it('a historical load reads what is missing between two times and leaves the position alone', async () => {
    expect((await stream('backfilled', '--since', '2025-02-02')).streams.at(-1)).toMatchObject({ records: 12 });
    const forward = (await acme.run('state', 'show')).json().streams.backfilled.slices['{"account":"a"}'].cursor;
    const hole = await gaps('backfilled');
    expect(hole.streams[0].slices[0].gaps).toEqual([{ from: null, to: '2025-02-02T00:00:00.000Z' }]);

    const past = ['--since', '2025-01-01', '--until', '2025-02-10'];
    acme.asked.length = 0;
    expect((await stream('backfilled', ...past, '--max-pages', '1')).streams.at(-1)).toMatchObject({
      status: 'partial',
    });
    const done = (await stream('backfilled', ...past)).streams;
    expect(done).toMatchObject([{ name: 'backfilled', status: 'complete' }]);
    expect(askedFor('/accounts')).toEqual([]);
    expect(askedFor('until=2025-02-02T00:00:00.000Z').length).toBeGreaterThan(0);
    expect(askedFor('until=2025-02-10')).toEqual([]);
    expect((await acme.run('show', 'backfilled', '--all')).lines()).toHaveLength(24);
    const slice = (await acme.run('state', 'show')).json().streams.backfilled.slices['{"account":"a"}'];
    expect(slice).toMatchObject({ cursor: forward, covered: [{ from: '2025-01-01T00:00:00.000000000Z' }] });
    acme.asked.length = 0;
    await stream('backfilled', ...past);
    expect(acme.asked).toEqual([]);
    await stream('backfilled', ...past, '--full');
    expect(askedFor('until=').length).toBeGreaterThan(0);

    const refused = await acme.run('stream', '--streams', 'relisted', ...past);
    expect(refused.json()).toMatchObject({
      exitCode: 2,
      error: { code: 'USAGE', message: '--until is not known to relisted' },
    });
    expect((await acme.run('stream', '--streams', 'backfilled', '--until', '2025-02-10')).code).toBe(2);
  });

  it('a full listing beside what changed shows what is gone', async () => {
    await stream('relisted');
    acme.events.splice(0, 1);
    acme.events.push({ id: 'new', account: 'a', region: 'eu', at: '2025-03-06T00:00:00.000Z' });
    await stream('relisted');
    // The second run asks for what changed; what is gone shows itself with the listing of the third.
    expect(askedFor('since=').length).toBeGreaterThan(0);
    expect(await ids('relisted')).toEqual(expect.arrayContaining(['e1', 'new']));
    acme.asked.length = 0;
    await stream('relisted');
    expect(askedFor('since=')).toEqual([]);
    expect(await ids('relisted')).not.toContain('e1');
    expect(await ids('relisted')).toContain('new');
    expect(await ids('relisted')).toHaveLength(24);
  });

  it('records that never change are known by their key, and a cursor may have fallbacks', async () => {
    await stream('added');
    const [last] = acme.events.filter(({ at }) => at.startsWith('2025-03')).slice(0, 1);
    if (last !== undefined) acme.events[acme.events.indexOf(last)] = { ...last, region: 'moved' };
    acme.events.push({ id: 'new', account: 'a', region: 'eu', at: '2025-03-06T00:00:00.000Z' });
    expect((await stream('added')).streams.at(-1)).toMatchObject({ records: 1 });
  });

  it('what a listing may not read stays as it was shown last', async () => {
    await stream('listed');
    const before = await ids('listed');
    acme.refused.set(/account=b/, 404);
    acme.events.splice(0, 1);
    expect((await stream('listed')).streams.at(-1)).toMatchObject({ status: 'complete', skippedSlices: 1 });
    expect(await ids('listed')).toEqual(before.filter((id: string) => id !== 'e1'));
    expect((await stream('listed')).streams.at(-1)).toMatchObject({ skippedSlices: 1 });
    expect(await ids('listed')).toHaveLength(23);
    acme.refused.clear();
    acme.events.splice(20, 1);
    await stream('listed');
    expect(await ids('listed')).toHaveLength(22);
  });

  it('a page limit that is met at the very end is no stop', async () => {
    acme.events.splice(0);
    const cut = await stream('listed', '--max-pages', '2');
    expect(cut.streams.at(-1)).toMatchObject({ status: 'complete', pages: 2 });
  });

  it('all positions follow from the commits alone', async () => {
    await stream('windowed');
    await stream('backfilled', '--since', '2025-02-02');
    const [state, seen] = [(await acme.run('state', 'show')).json(), (await acme.run('gaps')).json()];
    const raw = 'acme/acme/raw';
    const copy = join(acme.place.folder, 'copy');
    cpSync(join(acme.place.folder, '.sassy', raw), join(copy, raw), { recursive: true });
    expect((await acme.run('state', 'show', '--data-dir', copy)).json()).toEqual(state);
    expect((await acme.run('gaps', '--data-dir', copy)).json()).toEqual(seen);
  });
});
