import type { StoredPage } from '../../src/model/page.ts';
import type { FetchedPage } from '../../src/store/page-line.ts';

/** A fetched page with this JSON text. */
export function testPage(text: string, more: Partial<FetchedPage> = {}): FetchedPage {
  return {
    request: { method: 'GET', url: 'https://api.example.com/issues?limit=100' },
    fetchedAt: '2026-01-02T03:04:05.678Z',
    status: 200,
    slice: {},
    recordCount: 1,
    contentType: 'application/json',
    bytes: Buffer.from(text),
    isJson: true,
    ...more,
  };
}

/** The JSON text of a stored page. */
export function textOf({ body }: StoredPage): string {
  if (body.kind !== 'json') throw new Error('the body is not JSON');
  return body.text;
}

/** All of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
