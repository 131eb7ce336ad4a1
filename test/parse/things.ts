import { z } from 'zod';
import { defineStream, entity, httpSource } from '../../src/index.ts';

export const base = { title: 'Acme', config: z.object({}), http: { baseUrl: 'https://api.example.com' } };
export const source = httpSource({ request: () => ({ path: '/items' }), records: '/data' });

export const Item = z.looseObject({ id: z.string(), size: z.number() });
export type Item = z.infer<typeof Item>;

export const Thing = entity('Thing', { key: 'id' }, { id: z.string(), size: z.number(), label: z.string().nullish() });

/** Incremental. */
export const Items = defineStream({ name: 'items', record: Item, primaryKey: 'id', cursor: 'at', source });
/** Listed in full each run. */
export const Listed = defineStream({ name: 'listed', record: Item, primaryKey: 'id', source });

export function items(count: number, size = 1, from = 0): Item[] {
  return Array.from({ length: count }, (_, index) => ({ id: `i${String(index + from).padStart(4, '0')}`, size }));
}
