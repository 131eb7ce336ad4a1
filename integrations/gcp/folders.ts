import { AbstractStream, each, httpSource, isSassyError, optionalRecordsAt, Stream } from 'sassy';
import type { Page, PageSource, ReadContext } from 'sassy';
import { pageTokens } from './http.ts';
import { type Config, Container } from './schema.ts';
import { Organizations } from './streams.ts';

/**
 * The folders of an organization at all depths. The API lists only direct children, strongly consistent; so each folder
 * that comes is a parent still to be asked. https://cloud.google.com/resource-manager/reference/rest/v3/folders/list
 */
@Stream({ record: Container, primaryKey: 'name', slices: each(Organizations, { key: '/name', as: 'organization' }) })
export class Folders extends AbstractStream<Container, Config> implements PageSource<Config> {
  readonly recordsPointer = '/folders';
  readonly select = optionalRecordsAt('/folders');

  async *read(context: ReadContext<Config>): AsyncGenerator<Page> {
    const start = context.from ?? { parents: [context.slice['organization']], page: undefined };
    const parents = textsIn(start['parents']);
    const seen = new Set(parents);
    let from = isObject(start['page']) ? start['page'] : undefined;
    for (let parent = parents[0]; parent !== undefined; parent = parents[0], from = undefined) {
      const children = httpSource<Config>({
        request: () => ({ path: '/v3/folders', query: { parent, pageSize: 300 } }),
        records: this.select,
        paginator: pageTokens,
      });
      try {
        for await (const page of children.read({ ...context, from })) {
          for (const name of page.records.flatMap(nameOf)) {
            if (!seen.has(name)) parents.push(name);
            seen.add(name);
          }
          if (page.next === undefined) parents.shift();
          yield { ...page, next: parents.length === 0 ? undefined : { parents: [...parents], page: page.next } };
        }
      } catch (error) {
        // A folder that was deleted since it was listed has no children any more.
        if (seen.size === 1 || !isSassyError(error, 'SLICE_SKIPPED')) throw error;
        parents.shift();
      }
    }
  }
}

function nameOf(folder: unknown): readonly string[] {
  return isObject(folder) && typeof folder['name'] === 'string' ? [folder['name']] : [];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
