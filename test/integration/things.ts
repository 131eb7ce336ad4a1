import { expect } from 'vitest';
import { z } from 'zod';
import { defineStream, each, entity, HttpStream, httpSource, type PageRequest, Stream } from '../../src/index.ts';
import { buildManifest } from '../../src/integration/manifest.ts';

export const place = { name: 'foo', folder: '/project/integrations/foo' };
export const Config = z.object({ org: z.string() });
export type Config = z.infer<typeof Config>;
export const Thing = z.looseObject({ id: z.string() });
export type Thing = z.infer<typeof Thing>;
export const Finding = entity('Finding', { key: 'id' }, { id: z.string() });
export const http = { baseUrl: 'https://api.example.com' };

export abstract class Base extends HttpStream<Config, Thing> {
  override request(): PageRequest {
    return { path: '/things' };
  }
}

@Stream({ record: Thing, primaryKey: 'id' })
export class Repositories extends Base {}

@Stream({
  record: Thing,
  primaryKey: ['id', '/meta/at'],
  cursor: 'at',
  lookBack: '2h',
  slices: each(Repositories, { key: 'slug' }),
})
export class CodeScanningAlerts extends Base {}

export const base = { title: 'Foo', config: Config, http };

export function stream(name: string, more: object = {}): ReturnType<typeof defineStream<Thing>> {
  const source = httpSource({ request: () => ({ path: '/things' }) });
  return defineStream({ name, record: Thing, primaryKey: 'id', source, ...more });
}

export async function* nothing(): AsyncGenerator<{ id: string }> {
  yield* [];
}

/** Everything that is told about a definition: `what → fix`. */
export function problems(exported: unknown): readonly string[] {
  const { errors = [] } = buildManifest(exported, place);
  expect(errors.every(({ file }) => file === '/project/integrations/foo/integration.ts')).toBe(true);
  return errors.map(({ what, fix }) => `${what} → ${fix}`);
}
