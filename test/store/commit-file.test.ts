import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/model/commit.ts';
import { decodeCommit, encodeCommit } from '../../src/store/commit-file.ts';

const commit: Commit = {
  format: 1,
  stream: 'issues',
  number: 7,
  parent: 'p',
  epoch: 3,
  runId: 'r',
  committedAt: '2026-01-01T00:00:00.000Z',
  segments: [],
  pages: 0,
  records: 0,
  bytes: 0,
  state: {
    slices: { '{}': { cursor: 'é,"checksum":"x"}', open: { startedAt: 't', next: { after: { deep: [1] } } } } },
  },
};

describe('a commit file', () => {
  it('gives the commit and its checksum back, and is JSON', () => {
    const { bytes, checksum } = encodeCommit(commit);
    expect(decodeCommit(bytes, 'f', 'issues', 7)).toEqual({ commit, checksum });
    expect(JSON.parse(bytes.toString())).toEqual({ ...commit, checksum });
  });

  it('keeps keys that a careless copy would lose', () => {
    const token: unknown = JSON.parse('{"__proto__":"x"}');
    const slices = { '{}': { open: { startedAt: 't', next: Object.fromEntries(Object.entries(Object(token))) } } };
    const { bytes } = encodeCommit({ ...commit, state: { slices } });
    const again = decodeCommit(bytes, 'f', 'issues', 7).commit.state.slices['{}']?.open?.next;
    expect(Object.entries(again ?? {})).toEqual([['__proto__', 'x']]);
  });

  it('that names another format is of another version, also where it is sealed in another way', () => {
    const text = encodeCommit(commit).bytes.toString();
    for (const format of ['0', '3', '99']) {
      const other = Buffer.from(text.replace('"format":1', `"format":${format}`));
      expect(() => decodeCommit(other, '/x/00000007.json', 'issues', 7)).toThrow(
        expect.objectContaining({ code: 'STORE_VERSION' }),
      );
    }
  });

  it('that is cut or changed anywhere is refused: as damaged, or, in the digit of its format, as of another version', () => {
    const { bytes } = encodeCommit(commit);
    const digit = bytes.indexOf('"format":1') + '"format":'.length;
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      for (const wrong of [flipped, bytes.subarray(0, at), Buffer.alloc(at)]) {
        expect(() => decodeCommit(wrong, '/x/00000007.json', 'issues', 7)).toThrow(
          wrong === flipped && at === digit
            ? expect.objectContaining({ code: 'STORE_VERSION' })
            : expect.objectContaining({ code: 'STORE_CORRUPT', message: '/x/00000007.json is damaged' }),
        );
      }
    }
  });

  it('under another name or in another stream is corrupt', () => {
    const { bytes } = encodeCommit(commit);
    expect(() => decodeCommit(bytes, 'f', 'issues', 8)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
    expect(() => decodeCommit(bytes, 'f', 'orgs', 7)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });

  it('of another format is refused, with the format that wrote it', () => {
    const text = '{"format":3,"whatever":true';
    const bytes = Buffer.from(`${text},"checksum":"${hash('sha256', text, 'base64url')}"}\n`);
    expect(() => decodeCommit(bytes, '/x/1.json', 'issues', 1)).toThrow(
      expect.objectContaining({
        code: 'STORE_VERSION',
        exitCode: 3,
        message: expect.stringContaining('store format 3'),
      }),
    );
  });
});
