import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStdoutSink } from '../../src/sink/stdout-sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { expectWholeState, killedWriter, kills } from './killed-writer.ts';
import { describeSink } from '../../src/testing/describe-sink.ts';
import { append } from '../../src/testing/sink-things.ts';

describeSink('stdout', async (folder) => openStdoutSink({ host: nodeHost(), folder, write: async () => undefined }));

describe('openStdoutSink', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sassy-stdout-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('prints what is new or changed, with the commit it belongs to, and a repeat prints nothing', async () => {
    const printed: string[] = [];
    const sink = openStdoutSink({ host: nodeHost(), folder, write: async (text) => void printed.push(text) });
    await append(sink, [{ id: 'a', size: 1 }, { id: 'b' }]);
    await append(sink, [{ id: 'a', size: 2 }, { id: 'b' }], { commit: 2 });
    await append(sink, [{ id: 'a', size: 2 }, { id: 'b' }], { commit: 3 });
    const head = { table: 'things', parser: 'things', generation: 1 };
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      { ...head, commit: 1, entity: { id: 'a', size: 1 } },
      { ...head, commit: 1, entity: { id: 'b' } },
      { ...head, commit: 2, entity: { id: 'a', size: 2 } },
    ]);
    expect(sink.name).toBe('stdout');
  });

  it('leaves nothing out when it is killed: what is doubled has the same token', async () => {
    let commit = 0;
    for (let kill = 0; kill < kills(2); kill++) {
      await killedWriter('stdout', folder, Math.random() * 300);
      const sink = openStdoutSink({ host: nodeHost(), folder, write: async () => undefined });
      commit = await expectWholeState(sink);
    }
    const lines = (await readFile(join(folder, 'printed.txt'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const printed = new Set(lines.map(({ commit: number, entity }) => `${number} ${entity.id} ${entity.size}`));
    for (let number = 1; number <= commit; number += 1) expect(printed.has(`${number} row-0 ${number}`)).toBe(true);
  }, 600_000);
});
