import {
  defineIntegration,
  defineStream,
  each,
  HttpStream,
  httpSource,
  list,
  type PageRequest,
  product,
  type SliceContext,
  Stream,
  windows,
} from 'sassy';
import { describe, it } from 'vitest';
import { z } from 'zod';

const Config = z.object({ regions: z.array(z.string()), since: z.string() });
type Config = z.infer<typeof Config>;
const Thing = z.object({ id: z.string() });
type Thing = z.infer<typeof Thing>;
const http = { baseUrl: 'https://api.example.com' };
const source = httpSource<Config>({ request: () => ({ path: '/things' }) });
const byRegion = ({ config }: SliceContext<Config>) => config.regions.map((region) => ({ region }));
const byZone = ({ config }: SliceContext<{ zones: string[] }>) => config.zones.map((zone) => ({ zone }));

abstract class Base extends HttpStream<Config, Thing> {
  override request(): PageRequest {
    return { path: '/things' };
  }
}

describe('slices from the config', () => {
  it('are made from the config that the stream is declared for', () => {
    @Stream({ record: Thing, primaryKey: 'id', slices: byRegion })
    class Good extends Base {}
    @Stream({ record: Thing, primaryKey: 'id', slices: product(each(Good), byRegion, list('state', ['open'])) })
    class Product extends Base {}
    @Stream({
      record: Thing,
      primaryKey: 'id',
      cursor: 'at',
      slices: windows({ size: '30d', from: ({ config }: SliceContext<Config>) => config.since }),
    })
    class Windows extends Base {}
    void [Product, Windows];

    // @ts-expect-error the config has no zones
    @Stream({ record: Thing, primaryKey: 'id', slices: byZone })
    class Bad extends Base {}
    // @ts-expect-error the same inside a product
    @Stream({ record: Thing, primaryKey: 'id', slices: product(each(Good), byZone) })
    class BadProduct extends Base {}
    void [Bad, BadProduct];
  });

  it('in the function form are checked against the integration', () => {
    const Good = defineStream({ name: 'good', record: Thing, primaryKey: 'id', slices: byRegion, source });
    const Bad = defineStream({
      name: 'bad',
      record: Thing,
      primaryKey: 'id',
      slices: byZone,
      source: httpSource({ request: () => ({ path: '/things' }) }),
    });
    void defineIntegration({ title: 'Acme', config: Config, http, streams: [Good] });
    // @ts-expect-error the config has no zones
    void defineIntegration({ title: 'Acme', config: Config, http, streams: [Bad] });
    void defineStream({
      name: 'texts',
      record: Thing,
      primaryKey: 'id',
      source,
      // @ts-expect-error a slice has texts as its fields
      slices: () => [{ page: 1 }],
    });
  });
});
