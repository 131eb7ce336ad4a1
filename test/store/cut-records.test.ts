import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StoredPage } from '../../src/model/page.ts';
import type { StreamDefinition } from '../../src/model/stream.ts';
import { withoutRecords } from '../../src/runtime/upkeep/cut-records.ts';
import { planErase } from '../../src/runtime/upkeep/erase-plan.ts';
import { cutPages } from '../../src/runtime/upkeep/page-cut.ts';
import { fileBlobStore } from '../../src/store/file-blob-store.ts';
import { openRawStream } from '../../src/store/raw-stream.ts';
import { openRawWriter } from '../../src/store/raw-writer.ts';
import { elementTexts } from '../../src/util/json-text.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { collect, testPage } from './pages.ts';
import { tempFolder } from './temp-folder.ts';

function stream(select: (body: unknown) => readonly unknown[], recordsPointer?: string): StreamDefinition {
  const read = (): never => {
    throw new Error('nothing is fetched here');
  };
  const source = { read, select, recordsPointer };
  return { name: 'items', record: z.unknown(), primaryKey: ['/id'], slices: { kind: 'whole' }, source };
}

const Body = z.looseObject({ data: z.array(z.unknown()) });
const Listed = stream((body) => Body.parse(body).data, '/data');
const page = (text: string): StoredPage => ({
  ...testPage(text),
  body: { kind: 'json', text, bytes: Buffer.from(text) },
});

describe('records cut out of a page', () => {
  it('leave every other token as it was', () => {
    const spaced = fc.constantFrom('', ' ', '  ');
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.nat(7)), spaced, (values, some, space) => {
        const texts = values.map((value) => JSON.stringify(value));
        const text = `{"n": 12345678901234567890, "data":${space}[${texts.join(`${space},${space}`)}${space}],"e":1E5}`;
        const gone = [...new Set(some)].filter((index) => index < values.length).sort((a, b) => a - b);
        const left = withoutRecords(Listed, page(text), gone) ?? '';
        expect(elementTexts(left, '/data')).toEqual(texts.filter((_text, index) => !gone.includes(index)));
        // Space between the fields around it may go; how they are spelled may not.
        expect(left).toContain('{"n": 12345678901234567890,');
        expect(left).toMatch(/"e":1E5\}$/);
        expect(JSON.parse(left)).toMatchObject({ e: 100_000 });
      }),
    );
  });

  it('are found where a selection takes them: in several places, by name, or as copies with fields added', () => {
    const text = '{"a":[{"id":1},{"id":2}],"b":{"x":{"id":3},"y":{"id":4}},"n":1.50}';
    const Shape = z.object({ a: z.array(z.unknown()), b: z.record(z.string(), z.unknown()) });
    // The very objects of the body: a schema's copies would be others.
    const spread = stream((body) => (Shape.safeParse(body).success ? everything(body) : []));
    expect(withoutRecords(spread, page(text), [1, 2])).toBe('{"a":[{"id":1}],"b":{"y":{"id":4}},"n":1.50}');
    const copies = stream((body) => Body.parse(body).data.map((one) => Object.assign({ from: 'here' }, one)));
    expect(withoutRecords(copies, page('{"data":[{"id":1},{"id":2}]}'), [0])).toBe('{"data":[{"id":2}]}');
    const made = stream(() => [{ id: 'of several things' }, { id: 'and more' }]);
    expect(withoutRecords(made, page('{"data":[{"id":1},{"id":2}]}'), [0])).toBeUndefined();
  });

  it('take texts around them along that name them, and leave other records alone', () => {
    const text = '{"data":[{"id":"k-1"},{"id":"k-2","of":"k-1"}],"next":"?after=k-1","k":"k-10"}';
    expect(withoutRecords(Listed, page(text), [0], /(?<![A-Za-z0-9])k-1(?![A-Za-z0-9])/g)).toBe(
      '{"data":[{"id":"k-2","of":"k-1"}],"next":"?after=(erased)","k":"k-10"}',
    );
  });
});

it('a record in a body that is no JSON goes with its whole page, when that is asked for, and only then', async () => {
  const lines = stream((body) =>
    (Buffer.isBuffer(body) ? body.toString() : '').split('\n').flatMap((id) => (id === '' ? [] : [{ id }])),
  );
  const host = nodeHost();
  const writer = { host, blobs: fileBlobStore(host, await tempFolder()), stream: 'items', epoch: 1, runId: 'r' };
  const raw = await openRawWriter(writer);
  for (const ids of ['one\ntwo\n', 'three\n'])
    raw.append(testPage(ids, { isJson: false, contentType: 'text/csv', recordCount: ids.split('\n').length - 1 }), 1);
  await raw.commit({ slices: {} });
  const open = () => openRawStream(writer.blobs, 'items');
  await expect(planErase(await open(), lines, 'two', false)).rejects.toMatchObject({ code: 'USAGE' });
  const plan = await planErase(await open(), lines, 'two', true);
  expect(plan).toMatchObject({ versions: 1, others: 1, pages: 1 });
  await cutPages(writer, lines, plan.cuts, new AbortController().signal);
  const left = await collect((await open()).pages());
  expect(left.map(({ body }) => (body.kind === 'bytes' ? body.bytes.toString() : body.text))).toEqual(['three\n']);
});

function everything(body: unknown): readonly unknown[] {
  const found: unknown[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('id' in value) found.push(value);
    else for (const item of Object.values(value)) walk(item);
  };
  walk(body);
  return found;
}
