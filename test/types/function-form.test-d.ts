import {
  type Dataset,
  defineIntegration,
  defineStream,
  each,
  entity,
  fullRefresh,
  httpSource,
  incremental,
  parser,
  type RecordOf,
  type RequestContext,
} from 'sassy';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const Config = z.object({ org: z.string() });
type Config = z.infer<typeof Config>;
const Org = z.object({ id: z.string(), name: z.string() });
const Issue = z.object({ id: z.string(), severity: z.number().transform((value) => String(value)) });
const Finding = entity('Finding', { key: 'id' }, { id: z.string(), severity: z.string() });
const http = { baseUrl: 'https://api.example.com' };

const Orgs = defineStream({
  name: 'orgs',
  record: Org,
  primaryKey: 'id',
  source: httpSource({ request: ({ config }: RequestContext<Config>) => ({ path: `/${config.org}` }) }),
});
const Issues = defineStream({
  name: 'issues',
  record: Issue,
  primaryKey: 'id',
  slices: each(Orgs),
  source: httpSource({ request: ({ slice }) => ({ path: `/${slice.org}/issues` }) }),
});

describe('the function form', () => {
  it('infers records and datasets', () => {
    expectTypeOf<RecordOf<typeof Issues>>().toEqualTypeOf<{ id: string; severity: string }>();
    void parser({ orgs: fullRefresh(Orgs), issues: incremental(Issues) }, Finding, async function* ({ orgs, issues }) {
      expectTypeOf(orgs).toEqualTypeOf<Dataset<{ id: string; name: string }>>();
      for await (const { id, severity } of issues) yield { id, severity };
    });
  });

  it('refuses what the entity does not accept, a stream that is none and an input that is not there', () => {
    void parser(
      { issues: incremental(Issues) },
      Finding,
      // @ts-expect-error an id is a string
      async function* ({ issues }) {
        for await (const { severity } of issues) yield { id: 1, severity };
      },
    );
    // @ts-expect-error Org is no stream
    void incremental(Org);
    void parser(
      { issues: incremental(Issues) },
      Finding,
      // @ts-expect-error there is no input orgs
      async function* ({ orgs }) {
        void orgs;
        yield { id: '1', severity: '1' };
      },
    );
  });

  it('refuses streams and checks of another config', () => {
    const parsers = {
      findings: parser({ issues: incremental(Issues) }, Finding, async function* ({ issues }) {
        yield* issues;
      }),
    };
    void defineIntegration({
      title: 'Good',
      config: Config,
      http,
      streams: [Orgs, Issues],
      entities: [Finding],
      parsers,
    });
    const Others = defineStream({
      name: 'others',
      record: Org,
      primaryKey: 'id',
      source: httpSource({
        request: ({ config }: RequestContext<{ token: string }>) => ({ path: `/${config.token}` }),
      }),
    });
    // @ts-expect-error this integration's config has no token
    void defineIntegration({ title: 'Bad', config: Config, http, streams: [Others] });
    void defineIntegration({
      title: 'Bad',
      config: Config,
      http,
      streams: [Orgs],
      // @ts-expect-error this integration's config has no token
      checks: { token: async ({ config }) => void config.token },
    });
  });
});
