import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { testPage } from './pages.ts';
import { everyByte, peopleProject, type PeopleProject } from './people-service.ts';

describe('compact, retain, erase', { timeout: 120_000 }, () => {
  let project: PeopleProject | undefined;
  afterEach(() => project?.close());
  const open = async (more?: string, config?: string): Promise<PeopleProject> =>
    (project = await peopleProject(more, config));
  const segments = ({ data }: PeopleProject, stream: string): readonly string[] =>
    readdirSync(join(data, 'raw', stream, 'segments'));

  it('compact merges what many runs have left, once, and changes nothing that is shown', async () => {
    const crm = await open();
    for (let run = 0; run < 3; run += 1) {
      crm.put(`person-${run}`);
      crm.put('person-0', { email: `again.${run}@example.com` });
      expect((await crm.run('stream')).code).toBe(0);
    }
    const shown = await crm.run('show', 'people', '--all');
    const before = segments(crm, 'people').length;
    const planned = (await crm.run('compact', '--dry-run')).json();
    expect(planned).toMatchObject({
      command: 'compact',
      ok: true,
      dryRun: true,
      streams: [{ name: 'people', merged: before }, { name: 'staff' }],
    });
    expect(segments(crm, 'people')).toHaveLength(before);

    const done = (await crm.run('compact')).json();
    expect(done.streams[0]).toMatchObject({ merged: before, files: { before, after: 2 } });
    expect(segments(crm, 'people')).toHaveLength(2);
    expect((await crm.run('show', 'people', '--all')).stdout).toEqual(shown.stdout);
    // What comes later lies beside it, and is read with it.
    crm.put('person-9');
    expect((await crm.run('sync')).code).toBe(0);
    expect((await crm.run('show', 'Contact')).lines()).toHaveLength(4);
    const status = await crm.run('status');
    expect(status.json().streams[0]).toMatchObject({ name: 'people', records: 6 });
  });

  it('a run merges by itself when there are many small segments', async () => {
    const crm = await open();
    crm.put('person-0');
    expect((await crm.run('stream')).code).toBe(0);
    const host = nodeHost();
    const blobs = fileBlobStore(host, crm.data);
    // As runs would leave them that see one change each.
    const writer = await openRawWriter({ host, blobs, stream: 'people', epoch: 1, runId: 'run' });
    for (let n = 0; n < 64; n += 1) {
      writer.append(testPage(JSON.stringify({ data: [crm.put('person-0')] })), 1);
      await writer.commit({ slices: { '{}': { cursor: crm.people.get('person-0')?.updated_at ?? '' } } });
    }
    expect(segments(crm, 'people')).toHaveLength(65);
    crm.put('person-0');
    const done = await crm.run('stream');
    expect(done.stderr).toContain('people: 66 small segments merged');
    expect(segments(crm, 'people')).toHaveLength(2);
    expect((await crm.run('show', 'people', '--all')).lines()).toHaveLength(66);
  });

  it('retain keeps the newest version of each key and the last complete listing, and waits for the parsers', async () => {
    const crm = await open("keep: '0h',");
    for (let run = 0; run < 2; run += 1) {
      crm.put('person-0');
      crm.put(`person-${run + 1}`);
      expect((await crm.run('stream')).code).toBe(0);
    }
    crm.people.delete('person-1');
    await crm.run('stream');
    const listed = (await crm.run('show', 'staff')).stdout;

    const early = await crm.run('retain');
    expect(early.code).toBe(6);
    expect(early.json().streams).toEqual([
      expect.objectContaining({ name: 'people', keep: '0h', records: 0, heldBack: 1, heldBackBy: ['contacts'] }),
    ]);
    expect((await crm.run('parse')).code).toBe(0);
    const contacts = (await crm.run('show', 'Contact')).stdout;
    const planned = (await crm.run('retain', '--dry-run', '--keep', '0h')).json();
    expect(planned.streams.map(({ records }: { records: number }) => records)).toEqual([1, 4]);

    const done = await crm.run('retain', '--keep', '0h');
    expect(done.code, done.stderr).toBe(0);
    expect(done.json().streams).toEqual([
      expect.objectContaining({ name: 'people', records: 1, heldBack: 0, uncut: 0 }),
      expect.objectContaining({ name: 'staff', records: 4, uncut: 0 }),
    ]);
    expect((await crm.run('show', 'staff')).stdout).toBe(listed);
    expect((await crm.run('show', 'people', '--all')).lines()).toHaveLength(3);
    // Of those who are no longer listed the last version is still there.
    expect((await crm.run('show', 'staff', '--all')).lines()).toHaveLength(3);
    expect((await crm.run('restream')).code).toBe(0);
    expect((await crm.run('show', 'Contact')).stdout).toBe(contacts);
  });

  it('retain takes its rule from sassy.config.ts, and says so when there is none', async () => {
    const crm = await open('', "{ retention: { crm: { maxBytes: '1B' } } }");
    crm.put('person-0');
    await crm.run('sync');
    crm.put('person-0');
    await crm.run('sync');
    const done = (await crm.run('retain')).json();
    expect(done.streams.map(({ name, records }: Record<string, unknown>) => [name, records])).toEqual([
      ['people', 1],
      ['staff', 1],
    ]);
    project?.close();
    const none = await (await open()).run('retain');
    expect(none.code).toBe(2);
    expect(none.json().error).toMatchObject({ code: 'USAGE' });
  });

  it('erase leaves nothing of a record in any byte that is kept', async () => {
    const crm = await open();
    // The last of its page: the request for the next one names it.
    for (let n = 0; n < 3; n += 1) crm.put(`other-${n}`);
    const versions = [crm.put('person-7')];
    for (let n = 3; n < 9; n += 1) crm.put(`other-${n}`);
    expect((await crm.run('sync')).code).toBe(0);
    versions.push(crm.put('person-7'), crm.put('person-7', { name: 'Zoë "Q" Ünique' }));
    crm.put('other-3');
    expect((await crm.run('sync')).code).toBe(0);
    await crm.run('restream', '--diff');
    await crm.run('compact');
    const all = everyByte(crm.data);
    for (const { email } of versions.slice(0, 1)) expect(all).toContain(email);
    expect(all).toContain('after=person-7');
    const others = (await crm.run('show', 'people', '--all')).lines().filter(({ id }) => id !== 'person-7');

    const planned = (await crm.run('erase', '--stream', 'people', '--key', 'person-7', '--dry-run')).json();
    expect(planned).toMatchObject({ dryRun: true, versions: 2, pages: 2 });
    expect(everyByte(crm.data)).toContain('person-7');
    const done = await crm.run('erase', '--stream', 'people', '--key', 'person-7');
    expect(done.code, done.stderr).toBe(0);
    expect(done.json()).toMatchObject({
      ok: true,
      versions: 2,
      entities: 'made again',
      mentions: [{ stream: 'staff' }],
    });
    const staff = await crm.run('erase', '--stream', 'staff', '--key', 'person-7');
    expect(staff.code, staff.stderr).toBe(0);
    expect(staff.json()).toMatchObject({ versions: 2, mentions: [] });

    const left = everyByte(crm.data);
    for (const { name, email } of versions) {
      expect(left).not.toContain(email);
      expect(left).not.toContain(JSON.stringify(name).slice(1, -1));
    }
    expect(left).not.toContain('person-7');
    expect((await crm.run('show', 'people', '--all')).lines()).toEqual(others);
    const contacts = (await crm.run('show', 'Contact')).lines().map(({ id }) => id);
    expect(contacts).toHaveLength(9);
    expect(contacts).not.toContain('person-7');
    // Gone here is not gone there.
    crm.put('person-7');
    await crm.run('stream');
    expect((await crm.run('show', 'people')).stdout).toContain('person-7');
  });
});
