/* oxlint-disable typescript/no-unsafe-type-assertion -- the compiler refuses what this is about: JavaScript authors have none */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  AbstractIntegration,
  Check,
  type Dataset,
  defineIntegration,
  each,
  entity,
  FullRefresh,
  fullRefresh,
  Incremental,
  Integration,
  list,
  Parser,
  parser,
  Stream,
} from '../../src/index.ts';
import { definitionError } from '../../src/integration/definition-problem.ts';
import { buildManifest } from '../../src/integration/manifest.ts';
import {
  Base,
  base,
  CodeScanningAlerts,
  type Config,
  Finding,
  nothing,
  place,
  problems,
  Repositories,
  stream,
  Thing,
} from './things.ts';

describe('what is told about a wrong definition', () => {
  it('all problems at once, numbered, with the file', () => {
    const { errors = [] } = buildManifest(
      defineIntegration({ ...base, title: '', streams: [stream('Bad Name'), stream('a', { primaryKey: 'x.y' })] }),
      place,
    );
    const error = definitionError('foo', errors);
    expect(error).toMatchObject({
      code: 'DEFINITION',
      exitCode: 3,
      message: 'the integration foo is not defined right: 3 problems',
    });
    expect(error.why).toMatch(/^1\. .+\n {3}fix: .+\n2\. .+\n {3}fix: .+\n3\. .+\n {3}fix: .+$/);
    expect(error.fix).toBe('edit /project/integrations/foo/integration.ts');
  });

  it('no integration, a class that is not decorated, two of them', () => {
    class Bare extends AbstractIntegration<Config> {}
    @Integration({ ...base, streams: [Repositories] })
    class One extends AbstractIntegration<Config> {}
    expect(problems({ a: 1 })).toEqual([
      'no integration is exported, only a → export the class with @Integration, or what defineIntegration returns',
    ]);
    expect(problems(undefined)).toHaveLength(1);
    expect(problems({ Bare })[0]).toMatch(/^the class Bare has no @Integration →/);
    expect(problems({ One, two: defineIntegration({ ...base, streams: [Repositories] }) })[0]).toMatch(
      /^two integrations are exported: One and two/,
    );
  });

  it('parsers and slices that name streams which are not there', () => {
    @Integration({ ...base, streams: [CodeScanningAlerts], entities: [] })
    class Foo extends AbstractIntegration<Config> {
      @Parser(Finding)
      async *findings(@Incremental(Repositories) _things: Dataset<Thing>): AsyncGenerator<{ id: string }> {
        yield* nothing();
      }
    }
    expect(problems({ Foo })).toEqual([
      `stream code_scanning_alerts is sliced by Repositories, which is not in streams → add Repositories to the integration's streams`,
      `the parser findings makes Finding, which is not in entities → add Finding to the integration's entities`,
      `the parser findings reads Repositories, which is not in streams → add Repositories to the integration's streams`,
    ]);
  });

  it('names that are taken or are none', () => {
    const Other = entity('Finding', { key: 'id', table: 'others' }, { id: z.string() });
    const Same = entity('Same', { key: 'id', table: 'findings' }, { id: z.string() });
    const value = defineIntegration({
      ...base,
      config: z.object({
        org: z.string(),
        connection: z.string(),
        apiKey: z.string(),
        api_key: z.string(),
        'a-b': z.string(),
      }),
      streams: [stream('a'), stream('a'), stream('Issues'), stream('1st')],
      entities: [Finding, Other, Same],
      parsers: { 'no name': parser({ a: fullRefresh(Repositories) }, Finding, nothing) },
    });
    const told = problems(value).join('\n');
    expect(told).toContain('two streams are named a →');
    expect(told).toContain(`'Issues' is no name for a stream →`);
    expect(told).toContain(`'1st' is no name for a stream →`);
    expect(told).toContain('two entities are named Finding →');
    expect(told).toContain('the entities Finding and Same have the same table, findings →');
    expect(told).toContain(`'no name' is no name for a parser →`);
    expect(told).toContain(`the config field 'connection' has a reserved name →`);
    expect(told).toContain(`the config fields 'apiKey' and 'api_key' are the same environment variable →`);
    expect(told).toContain(`'a-b' is no name for a config field →`);
  });

  it('checks with the same title, and parsers with the same name', () => {
    @Integration({ ...base, streams: [Repositories], entities: [Finding] })
    class Foo extends AbstractIntegration<Config> {
      @Check('same')
      async one(): Promise<void> {}
      @Check('same')
      async two(): Promise<void> {}
      @Check('')
      async three(): Promise<void> {}
      @Parser(Finding)
      @Parser(Finding)
      async *findings(@Incremental(Repositories) _things: Dataset<Thing>): AsyncGenerator<{ id: string }> {
        yield* nothing();
      }
    }
    expect(problems({ Foo }).map((told) => told.replace(/ →.*/, ''))).toEqual([
      `two checks have the title 'same'`,
      'a check has no title',
      'two parsers are named findings',
    ]);
  });

  it('keys, cursors, look-backs and slices that cannot be', () => {
    const value = defineIntegration({
      ...base,
      streams: [
        stream('a', { primaryKey: 'attributes.id', cursor: 'items[0].at' }),
        stream('b', { primaryKey: undefined, lookBack: '1h' }),
        stream('c', { primaryKey: ['id', 'id'], cursor: '' }),
        stream('d', { record: { id: 'string' }, cursor: '/a~b', lookBack: 'soon' }),
        stream('e', { slices: list([]) }),
        stream('f', { slices: { kind: 'each', parent: undefined, key: '/id' } }),
      ],
    });
    expect(problems(value)).toEqual([
      `stream a: primaryKey 'attributes.id' is neither a field's name nor a JSON pointer → write '/attributes/id' (or '/attributes.id' when the field's name really is attributes.id)`,
      `stream a: cursor 'items[0].at' is neither a field's name nor a JSON pointer → write '/items/0/at' (or '/items[0].at' when the field's name really is items[0].at)`,
      `stream b: there is no primaryKey → write primaryKey: 'id', or [] for events without a key`,
      'stream b: there is a lookBack and no cursor → give it a cursor, or leave the lookBack out',
      'stream c: primaryKey names a field twice → name it once',
      `stream c: cursor is empty → write a field's name ('id') or a JSON pointer ('/attributes/id')`,
      'stream d: record is no zod schema → write record: z.looseObject({ … }), with zod 4',
      `stream d: cursor '/a~b' is no JSON pointer → write ~0 for ~ and ~1 for / inside a name (RFC 6901)`,
      `stream d: lookBack 'soon' is no duration → write '0s', '30s', '10m', '2h' or '1d'`,
      'stream e: its list of slices is empty, so nothing would ever be read → name at least one slice',
      'stream f: each(…) got undefined → the parent must be defined above it, in a file that does not import this one',
    ]);
  });

  it('streams that are each other’s parents', () => {
    const slices: Record<string, unknown> = {};
    const A = stream('a', { slices });
    const B = stream('b', { slices: each(A) });
    Object.assign(slices, each(B));
    expect(problems(defineIntegration({ ...base, streams: [A, B] }))).toEqual([
      'streams are sliced by each other in a circle: a by b, b by a → let one of them be read as a whole',
    ]);
  });

  it('parameters that are not injected, twice, or in a method that is no parser', () => {
    @Integration({ ...base, streams: [Repositories], entities: [Finding] })
    class Foo extends AbstractIntegration<Config> {
      @Parser(Finding)
      async *forgot(@FullRefresh(Repositories) _a: Dataset<Thing>, _b: Dataset<Thing>): AsyncGenerator<{ id: string }> {
        yield* nothing();
      }
      @Parser(Finding)
      async *twice(
        @FullRefresh(Repositories) @Incremental(Repositories) _a: Dataset<Thing>,
      ): AsyncGenerator<{ id: string }> {
        yield* nothing();
      }
      @Parser(Finding)
      async *none(): AsyncGenerator<{ id: string }> {
        yield* nothing();
      }
      helper(@FullRefresh(Repositories) _a: Dataset<Thing>): void {}
    }
    expect(problems({ Foo })).toEqual([
      'Foo.forgot: parameter 2 of 2 has no @FullRefresh or @Incremental → put @FullRefresh(Stream) or @Incremental(Stream) before it',
      'Foo.twice: parameter 1 of 1 has 2 of @FullRefresh and @Incremental → leave one of them',
      'Foo.helper has injected parameters and no @Parser → put @Parser(Entity) on the method',
      'the parser none has no input → give it a parameter with @FullRefresh(Stream) or @Incremental(Stream)',
    ]);
  });

  it('decorators of the language’s own kind: what must be switched on', () => {
    class Foo extends AbstractIntegration<Config> {}
    const decorate: (...parameters: unknown[]) => void = Integration({ ...base, streams: [Repositories] }) as never;
    decorate(Foo, { kind: 'class', name: 'Foo', addInitializer: () => {} });
    class Things extends Base {}
    const decorateStream: (...parameters: unknown[]) => void = Stream({ record: Thing, primaryKey: 'id' }) as never;
    decorateStream(Things, { kind: 'class', name: 'Things', addInitializer: () => {} });
    const told = `was called the way of the language's own decorators, which cannot inject into parameters → set "experimentalDecorators": true in the tsconfig that compiles this file`;
    expect(problems({ Foo })).toEqual([`@Integration ${told}`]);
    expect(problems(defineIntegration({ ...base, streams: [Things] }))).toEqual([`@Stream ${told}`]);
  });

  it('decorators where they cannot work', () => {
    const on = (decorator: unknown, ...target: unknown[]): void => {
      if (typeof decorator === 'function') decorator(...target);
    };
    @Integration({ ...base, streams: [Repositories], entities: [Finding] })
    class Foo extends AbstractIntegration<Config> {
      method(): void {}
      static fixed(): void {}
    }
    const method = Object.getOwnPropertyDescriptor(Foo.prototype, 'method');
    const fixed = Object.getOwnPropertyDescriptor(Foo, 'fixed');
    on(Stream({ record: Thing, primaryKey: 'id' }), Foo.prototype, 'method', method);
    on(Integration({ ...base, streams: [] }), Foo.prototype, 'method', method);
    on(Check('x'), Foo, 'fixed', fixed);
    on(Check('x'), Foo);
    on(Parser(Finding), Foo.prototype, 'field', undefined);
    on(FullRefresh(Repositories), Foo.prototype, 'method', method);
    on(Incremental(Repositories), Foo, undefined, 0);
    on(Incremental(Repositories), Foo, 'fixed', 0);
    expect(problems({ Foo }).map((told) => told.replace(/ →.*/, ''))).toEqual([
      '@Stream stands on the method Foo.method',
      '@Integration stands on the method Foo.method',
      '@Check stands on the static method Foo.fixed',
      '@Check stands on the class Foo',
      '@Parser stands on field, which is no method',
      '@FullRefresh stands on the method Foo.method',
      '@Incremental stands on a parameter of the constructor',
      '@Incremental stands on parameter 1 of the static method Foo.fixed',
    ]);
  });

  it('classes that are no streams, have no @Stream, cannot be made, or hold what belongs to the integration', () => {
    class Bare extends Base {}
    @Stream({ record: Thing, primaryKey: 'id' })
    class Fails extends Base {
      constructor() {
        super();
        throw new Error('no network');
      }
    }
    @Stream({ record: Thing, primaryKey: 'id' })
    class Mixed extends Base {
      // @ts-expect-error a stream is no integration
      @Check('x')
      async check(): Promise<void> {}
    }
    @Stream({ record: Thing, primaryKey: 'id' })
    class Untyped extends Base {}
    Object.assign(Untyped.prototype, { request: 'no function' });
    const streams = [Bare, Fails, Mixed, Untyped, Thing, undefined] as never;
    expect(problems(defineIntegration({ ...base, streams }))).toEqual([
      `the stream class Bare has no @Stream → put @Stream({ record: …, primaryKey: 'id' }) on it`,
      'Fails cannot be made: no network → let its constructor take no arguments and do nothing that can fail',
      '@Check stands on Mixed.check, which is a method of a stream → move the method to the class with @Integration',
      expect.stringMatching(/^Untyped has/),
      'streams[4] is no stream → give a class with @Stream, or what defineStream returns',
      'streams[5] is undefined → two files import each other: move the stream to a file that does not import integration.ts',
    ]);
  });

  it('settings and entities that are none', () => {
    const Keyless = entity('Keyless', { key: [] }, { id: z.string() });
    const Wrong = entity('Wrong', { key: 'nope' as 'id' }, { id: z.string() });
    const told = problems(
      defineIntegration({
        title: ' ',
        config: z.string() as never,
        http: { baseUrl: 'api.example.com' },
        streams: [],
        entities: [Thing as never, Keyless, Wrong],
        parsers: { findings: parser({ a: fullRefresh(Repositories) }, Thing as never, nothing as never) },
      }),
    );
    expect(told.map((line) => line.replace(/ →.*/, ''))).toEqual([
      'the integration has no title',
      'config is no zod object',
      'http has no baseUrl that is an http(s) URL',
      'the integration has no streams',
      'entities[0] is not made by entity()',
      'the entity Keyless has no key',
      'the entity Wrong has a key that is none of its fields: nope',
      'the parser findings makes something that is not made by entity()',
      'the parser findings reads Repositories, which is not in streams',
    ]);
  });

  it('a parser that is no async generator, and checks of a base class', () => {
    @Integration({ ...base, streams: [Repositories], entities: [Finding] })
    class Foo extends AbstractIntegration<Config> {
      // @ts-expect-error no generator
      @Parser(Finding)
      async findings(@FullRefresh(Repositories) _a: Dataset<Thing>): Promise<void> {}
    }
    @Integration({ ...base, streams: [Repositories] })
    class Child extends Foo {}
    expect(problems({ Foo })).toEqual([
      'the parser Foo.findings is no async generator → write it as async *findings(…)',
    ]);
    expect(problems({ Child })[0]).toMatch(/^Child extends Foo, whose checks and parsers it does not inherit/);
  });
});
