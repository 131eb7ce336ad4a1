/* oxlint-disable typescript/no-explicit-any, typescript/unbound-method -- what is refused has to be written */
import {
  AbstractIntegration,
  AbstractStream,
  Check,
  type CheckContext,
  type Dataset,
  entity,
  FullRefresh,
  HttpStream,
  Incremental,
  Integration,
  type PageRequest,
  Parser,
  type RecordOf,
  type RequestContext,
  Stream,
} from 'sassy';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const Config = z.object({ org: z.string(), days: z.number() });
type Config = z.infer<typeof Config>;
const Project = z.looseObject({ id: z.string(), name: z.string() });
type Project = z.infer<typeof Project>;
const Issue = z.object({ id: z.string(), severity: z.number() });
type Issue = z.infer<typeof Issue>;
const Finding = entity('Finding', { key: 'id' }, { id: z.string(), at: z.coerce.date().optional() });
type Finding = z.input<typeof Finding>;
const http = { baseUrl: 'https://api.example.com' };

@Stream({ record: Project, primaryKey: 'id' })
class Projects extends HttpStream<Config, Project> {
  override request({ config }: RequestContext<Config>): PageRequest {
    return { path: `/${config.org}/projects` };
  }
}

@Stream({ record: Issue, primaryKey: ['id'], cursor: 'updated', lookBack: '0s' })
class Issues extends HttpStream<Config, Issue> {
  override request({ slice, since }: RequestContext<Config, 'org'>): PageRequest {
    expectTypeOf(slice.org).toEqualTypeOf<string>();
    // @ts-expect-error the fields are named: a mistyped one is refused
    void slice.ogr;
    return { path: `/${slice.org}/issues`, query: { since } };
  }
}

class Plain {
  readonly id = 1;
}

describe('what a parser may be injected with', () => {
  it('accepts the dataset, and anything that a dataset is', () => {
    class Good extends AbstractIntegration<Config> {
      @Parser(Finding)
      async *exact(
        @FullRefresh(Projects) projects: Dataset<Project>,
        @Incremental(Issues) issues: Dataset<Issue>,
      ): AsyncGenerator<Finding> {
        expectTypeOf(projects).toEqualTypeOf<Dataset<Project>>();
        for await (const { id } of issues) yield { id };
      }

      @Parser(Finding)
      async *wider(
        @FullRefresh(Projects) projects: AsyncIterable<{ id: string }>,
        @Incremental(Issues) _issues?: Dataset<Issue>,
      ): AsyncGenerator<{ id: string; at: string }> {
        for await (const { id } of projects) yield { id, at: '2026-01-01T00:00:00Z' };
      }

      @Parser(Finding)
      async *unknowing(@Incremental(Issues) _issues: unknown): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    expectTypeOf(Good).toBeConstructibleWith();
    expectTypeOf<RecordOf<typeof Issues>>().toEqualTypeOf<Issue>();
  });

  it('refuses another record', () => {
    class Bad extends AbstractIntegration<Config> {
      @Parser(Finding)
      // @ts-expect-error the stream injects issues
      async *findings(@Incremental(Issues) _issues: Dataset<Project>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    void Bad;
  });

  it('refuses any, an array, and a record that is narrower', () => {
    class Bad extends AbstractIntegration<Config> {
      @Parser(Finding)
      // @ts-expect-error the parameter has no type of its own
      async *untyped(@Incremental(Issues) _issues: any): AsyncGenerator<Finding> {
        yield { id: '1' };
      }

      @Parser(Finding)
      // @ts-expect-error a dataset is no array
      async *array(@Incremental(Issues) _issues: Issue[]): AsyncGenerator<Finding> {
        yield { id: '1' };
      }

      @Parser(Finding)
      // @ts-expect-error not every issue has a title
      async *narrower(@Incremental(Issues) _issues: Dataset<Issue & { title: string }>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    void Bad;
  });

  it('refuses a class that is no stream, and a stream that is abstract', () => {
    abstract class Unfinished extends HttpStream<Config, Issue> {}
    class Bad extends AbstractIntegration<Config> {
      @Parser(Finding)
      // @ts-expect-error Plain is no stream
      async *plain(@Incremental(Plain) _plain: Dataset<Plain>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }

      @Parser(Finding)
      // @ts-expect-error Unfinished cannot be made
      async *unfinished(@Incremental(Unfinished) _issues: Dataset<Issue>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    void Bad;
  });

  it('refuses a method that is not public, static, or in a class that is no integration', () => {
    class Bad extends AbstractIntegration<Config> {
      // @ts-expect-error a protected method is out of reach
      @Parser(Finding)
      // @ts-expect-error a protected method is out of reach
      protected async *hidden(@Incremental(Issues) _issues: Dataset<Issue>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }

      // @ts-expect-error a static method belongs to no integration
      @Parser(Finding)
      // @ts-expect-error a static method belongs to no integration
      static async *fixed(@Incremental(Issues) _issues: Dataset<Issue>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    class Elsewhere {
      // @ts-expect-error the class does not extend AbstractIntegration
      @Parser(Finding)
      // @ts-expect-error the class does not extend AbstractIntegration
      async *findings(@Incremental(Issues) _issues: Dataset<Issue>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    void [Bad, Elsewhere];
  });
});

describe('what a parser may yield', () => {
  it('refuses what the entity does not accept', () => {
    class Bad extends AbstractIntegration<Config> {
      // @ts-expect-error an id is a string
      @Parser(Finding)
      async *wrong(@Incremental(Issues) _issues: Dataset<Issue>): AsyncGenerator<{ id: number }> {
        yield { id: 1 };
      }

      // @ts-expect-error any would switch the check off
      @Parser(Finding)
      async *untyped(@Incremental(Issues) _issues: Dataset<Issue>): AsyncGenerator<any> {
        yield { id: 1 };
      }
    }
    void Bad;
  });

  it('refuses what is no async generator, and a schema that is no entity', () => {
    class Bad extends AbstractIntegration<Config> {
      // @ts-expect-error a promise of a list is no generator
      @Parser(Finding)
      async list(@Incremental(Issues) _issues: Dataset<Issue>): Promise<Finding[]> {
        return [];
      }

      // @ts-expect-error a generator that is not async
      @Parser(Finding)
      *plain(@Incremental(Issues) _issues: Dataset<Issue>): Generator<Finding> {
        yield { id: '1' };
      }

      // @ts-expect-error Issue is not made by entity()
      @Parser(Issue)
      async *schema(@Incremental(Issues) issues: Dataset<Issue>): AsyncGenerator<Issue> {
        yield* issues;
      }
    }
    void Bad;
  });
});

describe('what a check may be', () => {
  it('accepts the context of the integration, less of it, or nothing', () => {
    class Good extends AbstractIntegration<Config> {
      @Check('all')
      async all({ config }: CheckContext<Config>): Promise<void> {
        expectTypeOf(config).toEqualTypeOf<Config>();
      }
      @Check('less')
      async less({ config }: CheckContext<{ org: string }>): Promise<void> {
        void config.org;
      }
      @Check('nothing')
      async nothing(): Promise<void> {}
    }
    void Good;
  });

  it('refuses the context of another integration, a result, and a private method', () => {
    class Bad extends AbstractIntegration<Config> {
      // @ts-expect-error there is no token in this config
      @Check('another')
      async another({ config }: CheckContext<Config & { token: string }>): Promise<void> {
        void config.token;
      }
      // @ts-expect-error a check throws; it does not answer
      @Check('answers')
      async answers(): Promise<boolean> {
        return true;
      }
      // @ts-expect-error a private method is out of reach
      @Check('hidden')
      private async hidden(): Promise<void> {}
      seen = (): unknown => this.hidden;
    }
    void Bad;
  });
});

describe('what a class may be declared for', () => {
  it('refuses a config that the schema does not give', () => {
    @Integration({ title: 'Good', config: Config, http, streams: [Projects], entities: [Finding] })
    class Good extends AbstractIntegration<{ org: string }> {}

    // @ts-expect-error the schema has no token
    @Integration({ title: 'Bad', config: Config, http, streams: [Projects], entities: [Finding] })
    class Bad extends AbstractIntegration<Config & { token: string }> {}

    // @ts-expect-error the class does not extend AbstractIntegration
    @Integration({ title: 'Bad', config: Config, http, streams: [Projects] })
    class Elsewhere {
      readonly id = 1;
    }
    void [Good, Bad, Elsewhere];
  });

  it('refuses streams that need another config, and what is no stream', () => {
    class Others extends HttpStream<Config & { token: string }, Issue> {
      override request({ config }: RequestContext<Config & { token: string }>): PageRequest {
        return { path: `/${config.token}` };
      }
    }
    // @ts-expect-error this integration's config has no token
    @Integration({ title: 'Bad', config: Config, http, streams: [Others] })
    class Bad extends AbstractIntegration<Config> {}

    // @ts-expect-error Plain is no stream
    @Integration({ title: 'Bad', config: Config, http, streams: [Plain] })
    class Worse extends AbstractIntegration<Config> {}
    void [Bad, Worse];
  });

  it('refuses a stream whose record is not what its schema gives, and what is no stream', () => {
    @Stream({ record: Issue, primaryKey: 'id' })
    class Wider extends AbstractStream<{ id: string }> {}

    // @ts-expect-error the schema gives issues
    @Stream({ record: Issue, primaryKey: 'id' })
    class Wrong extends AbstractStream<Project & { name: string }> {}

    // @ts-expect-error Elsewhere is no stream
    @Stream({ record: Issue, primaryKey: 'id' })
    class Elsewhere {
      readonly id = 1;
    }
    // @ts-expect-error a duration has a unit
    void Stream({ record: Issue, primaryKey: 'id', cursor: 'at', lookBack: '10' });
    void [Wider, Wrong, Elsewhere];
  });
});
