import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe } from 'vitest';
import type { Sink } from '../sink/sink.ts';
import { batchTests } from './sink-batches.ts';
import { columnTests } from './sink-columns.ts';
import { generationTests } from './sink-generations.ts';
import type { SinkScene } from './sink-scene.ts';
import { valueTests } from './sink-values.ts';

/**
 * Registers with vitest all that every sink must do, those that come with sassy and your own. `open` opens the sink that
 * belongs to a folder, making it when there is none: two calls with one folder open one sink, two folders are two
 * sinks that know nothing of each other. Each test has a new folder.
 *
 * @example
 * describeSink('mine', (folder) => openMySink({ folder }));
 */
export function describeSink(name: string, open: (folder: string) => Promise<Sink> | Sink): void {
  describe(`${name}: every sink`, () => {
    let folder: string;
    let sink: Sink;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sassy-sink-'));
      sink = await open(folder);
    });

    afterEach(async () => {
      await sink.close();
      await rm(folder, { recursive: true, force: true });
    });

    const scene: SinkScene = {
      get sink() {
        return sink;
      },
      async reopen() {
        await sink.close();
        sink = await open(folder);
      },
      another: async () => open(folder),
    };
    batchTests(scene);
    generationTests(scene);
    columnTests(scene);
    valueTests(scene);
  });
}
