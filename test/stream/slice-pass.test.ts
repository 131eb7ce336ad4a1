import { describe, expect, it } from 'vitest';
import { type AcceptedPage, SlicePass } from '../../src/runtime/stream/slice-pass.ts';
import { httpSource } from '../../src/integration/http-source.ts';
import type { StreamDefinition } from '../../src/model/stream.ts';
import type { SliceState } from '../../src/model/state.ts';
import { z } from 'zod';

const MINUTE = 60_000;

function passOf(before: SliceState = {}, sorted?: 'asc', start?: { since: string | undefined }): SlicePass {
  const definition: StreamDefinition = {
    name: 'things',
    record: z.looseObject({}),
    primaryKey: ['/id'],
    cursor: { pointer: '/at', lookBackMs: 10 * MINUTE, ...(sorted === undefined ? {} : { sorted }) },
    slices: { kind: 'whole' },
    source: httpSource({ request: () => ({ path: '/' }) }),
  };
  const nowMs = Date.UTC(2031, 0, 1);
  return new SlicePass({
    definition,
    slice: {},
    before,
    listing: undefined,
    after: 0,
    nowMs,
    ...(start === undefined ? {} : { start }),
  });
}

const record = (id: number, at: string): unknown => ({ id, at });
const next = { path: '/next' };
/** As a source makes it that cannot read its records once more. */
function page(given: Omit<AcceptedPage, 'bytes'>): AcceptedPage {
  return { ...given, bytes: Buffer.from(JSON.stringify(given.records)) };
}
const SERVER = '2026-01-02T00:00:00.000Z';

describe('a pass over a slice', () => {
  it('moves its cursor only at its end, and no further than the server’s time when it began', () => {
    const pass = passOf();
    pass.accept(page({ records: [record(1, '2026-01-01T10:00:00Z')], next, serverTime: SERVER }));
    expect(pass.openState().cursor).toBeUndefined();
    pass.accept(
      page({
        records: [record(2, '2026-01-02T00:00:03Z')],
        next: undefined,
        serverTime: '2026-01-02T00:00:05.000Z',
      }),
    );
    expect(pass.doneState().cursor).toBe('2026-01-01T10:00:00.000000000Z');
    // What lay beyond is known, so that the next pass does not store it again.
    const again = passOf(pass.doneState());
    expect(
      again.accept(
        page({
          records: [record(2, '2026-01-02T00:00:03Z'), record(3, '2026-01-02T00:00:04Z')],
          next: undefined,
        }),
      ),
    ).toEqual([0]);
  });

  it('page by page where the order is promised, and fails on the first record that breaks it', () => {
    const pass = passOf({}, 'asc');
    pass.accept(
      page({
        records: [record(1, '2026-01-01T10:00:00Z'), record(2, '2026-01-01T10:00:00Z')],
        next,
        serverTime: SERVER,
      }),
    );
    expect(pass.openState().cursor).toBe('2026-01-01T10:00:00.000000000Z');
    const before = pass.openState();
    const broken = [record(3, '2026-01-01T11:00:00Z'), record(4, '2026-01-01T09:59:59Z')];
    expect(() => pass.accept(page({ records: broken, next: { path: '/third' }, serverTime: SERVER }))).toThrow(
      /not sorted.*09:59:59/,
    );
    // The page was not stored: the state must not have gone past it.
    expect(pass.openState()).toEqual(before);
  });

  it('stays where it is when a record has no time, so that its page is not passed over', () => {
    const pass = passOf();
    pass.accept(page({ records: [record(1, '2026-01-01T10:00:00Z')], next, serverTime: SERVER }));
    const before = pass.openState();
    expect(() =>
      pass.accept(
        page({
          records: [record(2, '2026-01-01T11:00:00Z'), record(3, 'soon')],
          next: { path: '/third' },
          serverTime: SERVER,
        }),
      ),
    ).toThrow('no time');
    expect(pass.openState()).toEqual(before);
  });

  it('keeps a cursor of the year 9999 from hiding what is to come', () => {
    for (const sorted of [undefined, 'asc'] as const) {
      const pass = passOf({}, sorted);
      pass.accept(
        page({
          records: [record(1, '2026-01-01T10:00:00Z'), record(2, '9999-01-01T00:00:00Z')],
          next: undefined,
          serverTime: SERVER,
        }),
      );
      expect(pass.doneState().cursor).toBe('2026-01-01T10:00:00.000000000Z');
      expect(pass.ahead).toBe(1);
      const again = passOf(pass.doneState(), sorted);
      expect(again.since).toBe('2026-01-01T09:50:00.000Z');
      expect(
        again.accept(page({ records: [record(2, '9999-01-01T00:00:00Z')], next: undefined, serverTime: SERVER })),
      ).toEqual([0]);
    }
  });

  it('of a sorted list stays where rows may still appear behind it, also when it is gone on with much later', () => {
    const pass = passOf({}, 'asc');
    pass.accept(page({ records: [record(1, '2026-01-01T23:55:00Z')], next, serverTime: SERVER }));
    const again = passOf(pass.openState(), 'asc');
    again.accept(
      page({
        records: [record(2, '2026-01-05T00:00:00Z')],
        next: undefined,
        serverTime: '2026-01-06T00:00:00.000Z',
      }),
    );
    expect(again.doneState().cursor).toBe('2026-01-01T23:55:00.000000000Z');
  });

  it('knows what it stored at the instant that it has reached, when a sorted pass is given up there', () => {
    const first = passOf({}, 'asc');
    const rows = [1, 2, 3].map((id) => record(id, id === 1 ? '2026-01-02T00:00:00Z' : '2026-01-02T00:00:05Z'));
    first.accept(page({ records: rows, next: undefined, serverTime: SERVER }));
    const second = passOf(first.doneState(), 'asc');
    const serverTime = '2026-01-02T00:01:00.000Z';
    second.accept(page({ records: rows.slice(0, 2), next, serverTime }));
    const { open: _open, ...givenUp } = second.openState();
    expect(passOf(givenUp, 'asc').accept(page({ records: rows, next: undefined, serverTime }))).toEqual([0, 1, 2]);
  });

  it('begins no later than usual when a time is asked for: there would be a hole', () => {
    const before = { cursor: '2026-01-01T10:00:00.000000000Z' };
    expect(passOf(before, undefined, { since: '2026-06-01T00:00:00.000Z' }).since).toBe('2026-01-01T09:50:00.000Z');
    expect(passOf(before, undefined, { since: '2025-06-01T00:00:00.000Z' }).since).toBe('2025-06-01T00:00:00.000Z');
    expect(passOf({}, undefined, { since: '2026-06-01T00:00:00.000Z' }).since).toBe('2026-06-01T00:00:00.000Z');
  });

  it('moves over nothing that the API left out', () => {
    const pass = passOf({ cursor: '2026-01-01T00:00:00.000000000Z' });
    pass.accept(page({ records: [record(1, '2026-01-01T10:00:00Z')], next, serverTime: SERVER }));
    expect(pass.leftOutState()).toEqual({ cursor: '2026-01-01T00:00:00.000000000Z' });
  });

  it('knows the same versions whether pages were held as bytes, were too large for that, or cannot be read again', () => {
    const pages = [0, 1, 2, 3].map((minute) => [
      record(2 * minute, `2026-01-01T10:0${minute}:00Z`),
      record(2 * minute + 1, `2026-01-01T10:0${minute}:30Z`),
    ]);
    const stateOf = (more: (records: readonly unknown[]) => Pick<AcceptedPage, 'again' | 'bytes'>): SliceState => {
      const pass = passOf();
      for (const [index, records] of pages.entries())
        pass.accept({ records, next: index < 3 ? next : undefined, serverTime: SERVER, ...more(records) });
      return pass.doneState();
    };
    const [large, small] = [Buffer.alloc(5 * 1024 * 1024), Buffer.from('[]')];
    let readAgain = 0;
    const held = stateOf((records) => ({ bytes: small, again: () => ((readAgain += 1), (index) => records[index]) }));
    expect(readAgain).toBe(4);
    expect(held.boundary).toHaveLength(8);
    const never = (): never => {
      throw new Error('a page that was not held is not read again');
    };
    expect(stateOf(() => ({ bytes: large, again: never }))).toEqual(held);
    expect(stateOf(() => ({ bytes: small }))).toEqual(held);
  });
});
