import { expect, it } from 'vitest';
import { entityEncoder } from '../sink/entity-encoder.ts';
import { lineWriter } from '../sink/entity-lines.ts';
import type { SinkScene } from './sink-scene.ts';
import { append, counts, idsOf, readAll, THINGS } from './sink-things.ts';

/** New generations: made, compared, switched to and back. */
export function generationTests(scene: SinkScene): void {
  it('switches generations in one step', async () => {
    await append(scene.sink, [{ id: 'a', size: 1 }, { id: 'b' }, { id: 'gone' }]);
    const batch = await scene.sink.begin(THINGS, 'replace');
    expect(batch.generation).toBe(2);
    await batch.write([{ id: 'a', size: 2 }, { id: 'b' }, { id: 'new' }]);
    expect(await idsOf(scene.sink)).toEqual(['a', 'b', 'gone']);
    expect(await batch.commit({ commits: { source: 7 }, codeHash: 'h2' })).toEqual(counts(1, 1, 1));
    expect(await idsOf(scene.sink)).toEqual(['a', 'b', 'new']);
    await scene.reopen();
    expect(await scene.sink.position('things')).toEqual({ generation: 2, commits: { source: 7 }, codeHash: 'h2' });
    expect(await append(scene.sink, [{ id: 'b', size: 5 }, { id: 'gone' }], { commit: 8 })).toEqual(counts(1, 1, 0));
    expect(await idsOf(scene.sink)).toEqual(['a', 'b', 'gone', 'new']);
  });

  it('goes through many generations', async () => {
    for (let number = 1; number <= 5; number++) {
      await append(scene.sink, [{ id: 'a', size: number }, { id: `only-${number}` }], {
        mode: 'replace',
        commit: number,
      });
    }
    await scene.reopen();
    expect(await idsOf(scene.sink)).toEqual(['a', 'only-5']);
    expect((await scene.sink.position('things'))?.generation).toBe(5);
  });

  it('leaves all as it was when a new generation is aborted', async () => {
    await append(scene.sink, [{ id: 'a' }]);
    const batch = await scene.sink.begin(THINGS, 'replace');
    await batch.write([{ id: 'z' }]);
    await batch.compare(5);
    await batch.abort();
    await scene.reopen();
    expect(await idsOf(scene.sink)).toEqual(['a']);
    expect((await scene.sink.position('things'))?.generation).toBe(1);
    await append(scene.sink, [{ id: 'z' }], { mode: 'replace' });
    expect(await idsOf(scene.sink)).toEqual(['z']);
  });

  it('compares a new generation with the present one', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({
      id: `t${String(index).padStart(2, '0')}`,
      size: index,
      tags: ['a'],
    }));
    await append(scene.sink, rows);
    const batch = await scene.sink.begin(THINGS, 'replace');
    const changed = rows
      .slice(3)
      .map((row, index) =>
        index < 2 ? { ...row, title: 'new', tags: ['a', 'b'] } : index < 3 ? { ...row, size: -1 } : row,
      );
    await batch.write([...changed, { id: 'x1' }, { id: 'x2' }]);
    expect(await batch.compare(6)).toEqual({
      added: 2,
      gone: 3,
      changed: 3,
      unchanged: 14,
      fields: { title: 2, tags: 2, size: 1 },
      examples: [
        {
          kind: 'changed',
          key: 't03',
          fields: { title: { before: null, after: 'new' }, tags: { before: ['a'], after: ['a', 'b'] } },
        },
        {
          kind: 'changed',
          key: 't04',
          fields: { title: { before: null, after: 'new' }, tags: { before: ['a'], after: ['a', 'b'] } },
        },
        { kind: 'gone', key: 't00', fields: {} },
        { kind: 'gone', key: 't01', fields: {} },
        { kind: 'added', key: 'x1', fields: {} },
        { kind: 'added', key: 'x2', fields: {} },
      ],
    });
    expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(2, 3, 14));
  });

  it('compares an append, where nothing is gone, and a first batch, where all is new', async () => {
    const first = await scene.sink.begin(THINGS, 'append');
    await first.write([{ id: 'a' }, { id: 'b' }]);
    expect(await first.compare(1)).toEqual({
      added: 2,
      gone: 0,
      changed: 0,
      unchanged: 0,
      fields: {},
      examples: [{ kind: 'added', key: 'a', fields: {} }],
    });
    await first.commit({ commits: {}, codeHash: 'h' });
    const second = await scene.sink.begin(THINGS, 'append');
    await second.write([{ id: 'a', title: 'x' }]);
    expect(await second.compare(0)).toEqual({
      added: 0,
      gone: 0,
      changed: 1,
      unchanged: 0,
      fields: { title: 1 },
      examples: [],
    });
    await second.abort();
  });

  it('goes back to the former generation in one step, and forth again', async () => {
    await append(scene.sink, [{ id: 'a', size: 1 }, { id: 'old' }]);
    await expect(scene.sink.rollback('things')).rejects.toMatchObject({ code: 'NOTHING_THERE' });
    await append(scene.sink, [{ id: 'a', size: 2 }, { id: 'new' }], { mode: 'replace', commit: 2 });
    expect(await scene.sink.rollback('things')).toEqual({ generation: 1, commits: { source: 1 }, codeHash: 'code-1' });
    await scene.reopen();
    expect(await idsOf(scene.sink)).toEqual(['a', 'old']);
    expect((await scene.sink.position('things'))?.generation).toBe(1);
    expect(await scene.sink.rollback('things')).toMatchObject({ generation: 2, commits: { source: 2 } });
    expect(await idsOf(scene.sink)).toEqual(['a', 'new']);
    await scene.sink.rollback('things');
    expect(await append(scene.sink, [{ id: 'b' }], { commit: 3 })).toEqual(counts(1, 0, 0));
    expect(await idsOf(scene.sink)).toEqual(['a', 'b', 'old']);
    await append(scene.sink, [{ id: 'c' }], { mode: 'replace', commit: 4 });
    expect((await scene.sink.position('things'))?.generation).toBe(3);
    expect(await idsOf(scene.sink)).toEqual(['c']);
    await scene.sink.rollback('things');
    expect(await idsOf(scene.sink)).toEqual(['a', 'b', 'old']);
  });

  it('amends: a new generation that begins as a copy of the present one', async () => {
    await append(scene.sink, [
      { id: 'a', size: 1 },
      { id: 'b', size: 1 },
    ]);
    const batch = await scene.sink.begin(THINGS, 'amend');
    expect(batch.generation).toBe(2);
    await batch.write([{ id: 'b', size: 2 }, { id: 'c' }]);
    expect(await batch.compare(0)).toMatchObject({ added: 1, gone: 0, changed: 1 });
    expect(await batch.commit({ commits: { source: 2 }, codeHash: 'h' })).toEqual(counts(1, 1, 0));
    await scene.reopen();
    expect((await readAll(scene.sink)).map(({ id, size }) => [id, size])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', null],
    ]);
    await scene.sink.rollback('things');
    expect((await readAll(scene.sink)).map(({ id, size }) => [id, size])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('makes the same of the same, byte by byte, however it comes', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({
      id: `t${index % 250}`,
      title: index % 3 === 0 ? `t ${index} \u0000 é` : null,
      size: index / 7,
      seen: new Date(index * 1e9),
      tags: [`${index}`, 'b'],
    }));
    const dumps: string[] = [];
    for (const [commit, step] of [300, 7, 1].entries()) {
      const batch = await scene.sink.begin(THINGS, 'replace');
      for (let start = 0; start < rows.length; start += step) await batch.write(rows.slice(start, start + step));
      expect(await batch.compare(1)).toMatchObject(
        commit === 0 ? { added: 250 } : { unchanged: 250, changed: 0, gone: 0 },
      );
      await batch.commit({ commits: { source: 1 }, codeHash: 'h' });
      dumps.push((await readAll(scene.sink)).map((row) => JSON.stringify(row)).join('\n'));
    }
    expect(dumps[1]).toBe(dumps[0]);
    expect(dumps[2]).toBe(dumps[0]);
  });

  it('takes rows that were encoded elsewhere, where it says that it does', async () => {
    const batch = await scene.sink.begin(THINGS, 'append');
    const encode = entityEncoder(THINGS);
    await batch.write([{ id: 'a', size: 1 }]);
    if (batch.writeEncoded === undefined) await batch.write([{ id: 'a', size: 2 }, { id: 'b' }]);
    else await batch.writeEncoded([encode({ id: 'a', size: 2 }), encode({ id: 'b' })]);
    expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(2, 0, 0));
    expect((await readAll(scene.sink)).map(({ id, size }) => [id, size])).toEqual([
      ['a', 2],
      ['b', null],
    ]);
  });

  it('takes rows as lines that were made elsewhere, where it says that it does', async () => {
    await append(scene.sink, [{ id: 'a', size: 1 }, { id: 'gone' }]);
    const batch = await scene.sink.begin(THINGS, 'replace');
    const rows = [
      { id: 'a', size: 2, tags: ['x', '\u2028"\\é'] },
      { id: 'b', title: '' },
      { id: 'a', size: 3 },
      { id: 'c' },
    ];
    if (batch.lines === undefined) await batch.write(rows);
    else {
      const writer = lineWriter(THINGS, batch.lines.form);
      for (const row of rows) writer.add(row);
      await batch.lines.write(writer.take());
      await batch.lines.write(writer.take());
    }
    if (batch.repeated !== undefined) expect(await batch.repeated(5)).toEqual({ count: 1, examples: ['a'] });
    expect(await batch.compare(0)).toMatchObject({ added: 2, changed: 1, gone: 1, unchanged: 0 });
    expect(await batch.commit({ commits: {}, codeHash: 'h' })).toEqual(counts(2, 1, 0));
    expect((await readAll(scene.sink)).map(({ id, size, title, tags }) => [id, size, title, tags])).toEqual([
      ['a', 3, null, null],
      ['b', null, '', null],
      ['c', null, null, null],
    ]);
  });
}
