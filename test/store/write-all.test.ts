import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/util/node-host.ts';
import { writeAll } from '../../src/util/write-all.ts';

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

describe('writing chunks', () => {
  it('goes on where a write was short, and leaves nothing out', async () => {
    await fc.assert(
      fc.asyncProperty(
        chunks,
        fc.infiniteStream(fc.integer({ min: 1, max: 60 })),
        fc.boolean(),
        async (all, takes, asList) => {
          const written: Uint8Array[] = [];
          const take = async (given: Uint8Array): Promise<{ readonly bytesWritten: number }> => {
            const bytesWritten = Math.min(given.byteLength, Number(takes.next().value));
            written.push(given.slice(0, bytesWritten));
            return { bytesWritten };
          };
          const handle = { write: take, writev: (list: readonly Uint8Array[]) => take(Buffer.concat(list)) };
          await writeAll(
            handle,
            asList
              ? all
              : (async function* () {
                  yield* all;
                })(),
          );
          expect(Buffer.concat(written)).toEqual(Buffer.concat(all));
        },
      ),
    );
  });

  it('takes more chunks than the kernel takes at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sassy-write-'));
    try {
      const many = Array.from({ length: 3_000 }, (_, number) => Buffer.from(number % 7 === 0 ? '' : `${number}\n`));
      await nodeHost().fs.writeNew(join(folder, 'file'), many);
      expect(readFileSync(join(folder, 'file'), 'utf8')).toBe(many.join(''));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
