import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonlKeys } from '../../src/sink/jsonl/jsonl-keys.ts';
import { HASH_WORDS, lineHash } from '../../src/sink/line-hash.ts';
import { fingerprint, PRINT_WORDS } from '../../src/util/fingerprint.ts';

interface Known {
  base?: string;
  last?: string;
  archivedBefore: boolean;
  archivedNow: boolean;
}

function hashOf(line: string): Uint32Array {
  const hash = new Uint32Array(HASH_WORDS);
  lineHash(Buffer.from(line), hash, 0);
  return hash;
}

function changeOf({ base, last }: Known): string {
  if (last === undefined) return 'gone';
  if (base === undefined) return 'added';
  return base === last ? 'unchanged' : 'changed';
}

describe('JsonlKeys', () => {
  it('knows of each key its line before and now, whether it was and is archived, and what has changed', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      line: fc.constantFrom('one', 'two'),
      isBase: fc.boolean(),
      isArchived: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const keys = new JsonlKeys();
        const print = new Uint32Array(PRINT_WORDS);
        const model = new Map<string, Known>();
        for (const { key, line, isBase, isArchived } of steps) {
          const known = model.get(key) ?? { archivedBefore: false, archivedNow: false };
          model.set(key, known);
          fingerprint(key, print);
          const entry = keys.enter(print, 0);
          if (isBase) {
            keys.setBase(entry, hashOf(line), 0, isArchived);
            known.base = line;
            known.archivedBefore = isArchived;
          } else {
            keys.setLast(entry, hashOf(line), 0, isArchived);
            known.last = line;
            known.archivedNow = isArchived;
          }
          expect(keys.isBase(entry, hashOf('one'), 0)).toBe(known.base === 'one');
          expect(keys.isLast(entry, hashOf('two'), 0)).toBe(known.last === 'two');
          expect(keys.isBuried(entry)).toBe(known.archivedNow && !known.archivedBefore);
        }
        const all = [...model.values()];
        const count = (change: string): number => all.filter((known) => changeOf(known) === change).length;
        expect(keys.size).toBe(all.length);
        expect(keys.baseSize).toBe(all.filter(({ base }) => base !== undefined).length);
        expect(keys.archivedBefore).toBe(all.filter(({ archivedBefore }) => archivedBefore).length);
        expect(keys.changes()).toEqual({
          added: count('added'),
          gone: count('gone'),
          changed: count('changed'),
          unchanged: count('unchanged'),
        });
        for (const [key, known] of model) expect(keys.changeOfText(key)).toBe(changeOf(known));
      }),
      { numRuns: 500 },
    );
  });

  it('remembers which line of a key waits, and which keys are written', () => {
    const keys = new JsonlKeys();
    const print = new Uint32Array(PRINT_WORDS);
    fingerprint('a', print);
    const entry = keys.enter(print, 0);
    expect([keys.place(entry), keys.isInParts(entry)]).toEqual([0, false]);
    keys.setPlace(entry, 7);
    keys.setInParts(entry);
    expect([keys.place(entry), keys.isInParts(entry), keys.isBuried(entry)]).toEqual([7, true, false]);
  });
});
