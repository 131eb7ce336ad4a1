import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../src/store/frame.ts';
import { frameCompressor } from '../../src/store/frame-compressor.ts';

describe('a frame', () => {
  it.each([1, 1000, 262_144, 1_048_576, 3_000_000])('gives %i bytes back', async (length) => {
    const raw = Buffer.alloc(length, 'some text that repeats itself, ');
    const { bytes, ...rest } = await frameCompressor().compress(raw, 1);
    const frame = { ...rest, offset: 0, length: bytes.byteLength };
    expect((await decodeFrame(bytes, frame, 'a file')).equals(raw)).toBe(true);
  });

  it('that is shorter, other or of another length than written is corrupt, with file, offset and length', async () => {
    const { bytes, ...rest } = await frameCompressor().compress(Buffer.from('a line\n'), 1);
    const frame = { ...rest, offset: 77, length: bytes.byteLength };
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(9) ^ 4, 9);
    const corrupt = { code: 'STORE_CORRUPT', message: `/x/seg is damaged: ${bytes.byteLength} bytes at offset 77` };
    await expect(decodeFrame(bytes.subarray(1), frame, '/x/seg')).rejects.toMatchObject(corrupt);
    await expect(decodeFrame(flipped, frame, '/x/seg')).rejects.toMatchObject(corrupt);
    await expect(decodeFrame(bytes, { ...frame, rawLength: 6 }, '/x/seg')).rejects.toMatchObject(corrupt);
    await expect(decodeFrame(bytes, { ...frame, rawLength: 8 }, '/x/seg')).rejects.toMatchObject(corrupt);
  });
});
