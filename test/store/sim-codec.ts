// Imported before anything that imports zlib: who has taken hold of a function of it keeps that one.
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import type { SeededRandom } from './seeded-random.ts';

/** How many turns of the event loop a call takes; on the machine it is as many as the threads need. */
const TURNS = [0, 0, 0, 1, 2, 5];

type Done = (error: Error | null, result: Buffer) => void;

let pick: (items: readonly number[]) => number = () => 0;

/**
 * Zstd for simulated runs. The real one costs half of a seed's time, for contexts and buffers of a megabyte each, and its
 * threads would be all that a seed does not decide: here the bytes stay what they are, and `random` says how long it takes.
 * What the store makes of real frames is shown by the tests of frames, writers and crashes, which do not import this file.
 */
export function useSimCodec(random: SeededRandom): void {
  pick = random.pick;
}

async function afterSomeTurns(work: () => void): Promise<void> {
  for (let turns = pick(TURNS); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  work();
}

function createZstdCompress(): EventEmitter {
  const stream = new EventEmitter();
  return Object.assign(stream, {
    write(raw: Buffer, done: (error?: Error | null) => void): boolean {
      void afterSomeTurns(() => {
        stream.emit('data', Buffer.from(raw));
        done();
      });
      return true;
    },
  });
}

function zstdDecompress(bytes: Buffer, _options: unknown, done: Done): void {
  void afterSomeTurns(() => done(null, Buffer.from(bytes)));
}

for (const [name, value] of Object.entries({ createZstdCompress, zstdDecompress }))
  Object.defineProperty(zlib, name, { value, configurable: true, enumerable: true });
syncBuiltinESMExports();
