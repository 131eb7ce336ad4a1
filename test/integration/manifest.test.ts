import { describe, expect, it } from 'vitest';
import {
  AbstractIntegration,
  Check,
  type Dataset,
  defineIntegration,
  each,
  FullRefresh,
  fullRefresh,
  Incremental,
  incremental,
  Integration,
  Parser,
  parser,
} from '../../src/index.ts';
import { buildManifest } from '../../src/integration/manifest.ts';
import { base, CodeScanningAlerts, Config, Finding, http, place, Repositories, stream, type Thing } from './things.ts';

describe('a right definition', () => {
  @Integration({ ...base, streams: [CodeScanningAlerts, Repositories], entities: [Finding] })
  class Foo extends AbstractIntegration<Config> {
    readonly prefix = 'p';

    @Check('it answers')
    async answers(): Promise<void> {
      throw new Error(`checked ${this.prefix}`);
    }

    @Parser(Finding)
    async *findings(
      @FullRefresh(Repositories) repositories: Dataset<Thing>,
      @Incremental(CodeScanningAlerts) alerts: Dataset<Thing>,
    ): AsyncGenerator<{ id: string }> {
      for await (const { id } of repositories) yield { id: `${this.prefix}-${id}` };
      for await (const { id } of alerts) yield { id };
    }
  }

  it('becomes plain data: names, pointers, defaults, parents first', () => {
    const { manifest } = buildManifest({ Foo, default: Foo, other: 1 }, place);
    expect(manifest).toMatchObject({ name: 'foo', title: 'Foo', folder: place.folder });
    expect(manifest?.streams).toMatchObject([
      { name: 'repositories', primaryKey: ['/id'], slices: { kind: 'whole' } },
      {
        name: 'code_scanning_alerts',
        primaryKey: ['/id', '/meta/at'],
        cursor: { pointer: '/at', lookBackMs: 7_200_000 },
        slices: { kind: 'each', parent: 'repositories', key: '/slug', as: 'repository' },
      },
    ]);
    expect(manifest?.streams[0]).not.toHaveProperty('cursor');
    expect(manifest?.parsers).toMatchObject([
      {
        name: 'findings',
        inputs: [
          { stream: 'repositories', mode: 'full_refresh' },
          { stream: 'code_scanning_alerts', mode: 'incremental' },
        ],
      },
    ]);
    expect(manifest?.parsers[0]?.entity).toBe(Finding);
  });

  it('runs methods on one instance, datasets in the order of the parameters', async () => {
    const { manifest } = buildManifest(Foo, place);
    const found: unknown[] = [];
    for await (const value of manifest?.parsers[0]?.run([dataset('a'), dataset('b')]) ?? []) found.push(value);
    expect(found).toEqual([{ id: 'p-a' }, { id: 'b' }]);
    const context = {
      config: {},
      http: {
        send: () => Promise.reject(new Error()),
        getJson: () => Promise.reject(new Error()),
        originOf: () => ({ method: 'GET', url: '' }),
        wait: () => Promise.resolve(),
        withoutSecrets: <T>(asked: T) => asked,
      },
    };
    await expect(manifest?.checks[0]?.run(context)).rejects.toThrow('checked p');
  });

  it('is frozen at every depth, but not the author’s own objects and schemas', () => {
    const { manifest } = buildManifest(Foo, place);
    expect(
      [
        manifest,
        manifest?.streams,
        manifest?.streams[1]?.slices,
        manifest?.http,
        manifest?.parsers[0]?.inputs[0],
      ].every(Object.isFrozen),
    ).toBe(true);
    expect(Object.isFrozen(http)).toBe(false);
    expect(Object.isFrozen(Config)).toBe(false);
    expect(manifest?.config).toBe(Config);
  });

  it('is the same from the function form', async () => {
    const Repos = stream('repos');
    const Issues = stream('issues', { cursor: 'at', slices: each(Repos) });
    const value = defineIntegration({
      ...base,
      streams: [Issues, Repos],
      entities: [Finding],
      checks: { 'it answers': async () => {} },
      parsers: {
        findings: parser(
          { issues: incremental(Issues), repos: fullRefresh(Repos) },
          Finding,
          async function* ({ repos, issues }) {
            for await (const { id } of repos) yield { id };
            for await (const { id } of issues) yield { id };
          },
        ),
      },
    });
    const { manifest } = buildManifest({ foo: value }, place);
    expect(manifest?.streams).toMatchObject([
      { name: 'repos' },
      { name: 'issues', slices: { parent: 'repos', key: '/id', as: 'repo' }, cursor: { lookBackMs: 600_000 } },
    ]);
    expect(manifest?.checks.map(({ title }) => title)).toEqual(['it answers']);
    const found: unknown[] = [];
    for await (const item of manifest?.parsers[0]?.run([dataset('issue'), dataset('repo')]) ?? []) found.push(item);
    expect(found).toEqual([{ id: 'repo' }, { id: 'issue' }]);
  });
});

function dataset(id: string): Dataset<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      yield { id };
    },
    count: () => Promise.resolve(1),
    keyBy: () => Promise.reject(new Error('not needed')),
  };
}
