import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDuckDbSink } from '../../src/sink/duckdb-sink.ts';
import { openQuery } from '../../src/sink/query.ts';
import { expectWholeState, killedWriter } from './killed-writer.ts';
import { append, readAll } from './things.ts';

describe('openDuckDbSink, killed', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sassy-duckdb-'));
    file = join(folder, 'entities.duckdb');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('holds exactly a committed state after each of 16 kills', async () => {
    let last = 0;
    for (let kill = 0; kill < 16; kill++) {
      const told = await killedWriter('duckdb', folder, Math.random() * 100);
      if (kill % 4 === 3) {
        const query = await openQuery([{ integration: 'here', file }]);
        const { rows } = await query.run(`select distinct size from things where id like 'row-%'`);
        expect(rows.length).toBeLessThanOrEqual(1);
        await query.close();
      }
      const sink = await openDuckDbSink({ file });
      const commit = await expectWholeState(sink);
      expect(commit).toBeGreaterThanOrEqual(Math.max(told, last));
      last = commit;
      await sink.close();
    }
    expect(last).toBeGreaterThan(0);
    const sink = await openDuckDbSink({ file });
    await append(sink, [{ id: 'after' }], { mode: 'replace', commit: last + 1 });
    expect(await readAll(sink)).toHaveLength(1);
    await sink.close();
  }, 120_000);
});
