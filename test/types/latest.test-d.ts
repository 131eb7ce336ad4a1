import {
  AbstractIntegration,
  Archived,
  archived,
  type Dataset,
  entity,
  HttpStream,
  Latest,
  latest,
  type Lookup,
  type PageRequest,
  Parser,
  parser,
  Stream,
} from 'sassy';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

const Project = z.looseObject({ id: z.string(), name: z.string() });
type Project = z.infer<typeof Project>;
const Finding = entity('Finding', { key: 'id' }, { id: z.string() });
type Finding = z.input<typeof Finding>;

@Stream({ record: Project, primaryKey: 'id' })
class Projects extends HttpStream<unknown, Project> {
  override request(): PageRequest {
    return { path: '/projects' };
  }
}

describe('Latest and Archived', () => {
  it('inject a lookup and a dataset', () => {
    class Good extends AbstractIntegration<unknown> {
      @Parser(Finding)
      async *findings(
        @Latest(Projects) projects: Lookup<Project>,
        @Archived(Projects) gone: Dataset<Project>,
      ): AsyncGenerator<Finding> {
        expectTypeOf(projects.get('a')).toEqualTypeOf<Project | undefined>();
        for await (const { id } of gone) yield { id };
      }
    }
    void Good;
  });

  it('refuse the other one', () => {
    class Bad extends AbstractIntegration<unknown> {
      @Parser(Finding)
      // @ts-expect-error Latest injects a lookup
      async *one(@Latest(Projects) _projects: Dataset<Project>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }

      @Parser(Finding)
      // @ts-expect-error Archived injects a dataset
      async *two(@Archived(Projects) _projects: Lookup<Project>): AsyncGenerator<Finding> {
        yield { id: '1' };
      }
    }
    void Bad;
  });

  it('are inferred in the function form', () => {
    parser({ now: latest(Projects), gone: archived(Projects) }, Finding, async function* ({ now, gone }) {
      expectTypeOf(now).toEqualTypeOf<Lookup<Project>>();
      expectTypeOf(gone).toEqualTypeOf<Dataset<Project>>();
      yield { id: '1' };
    });
  });
});
