import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Sink } from '../../src/sink/sink.ts';
import { defineSink } from '../../src/sink/define-sink.ts';
import { describeSink } from '../../src/testing/describe-sink.ts';
import { runCli, workspace } from '../support/cli.ts';

const root = resolve(import.meta.dirname, '../..');
const docs = readFileSync(join(root, 'docs/sinks.md'), 'utf8');
/** The blocks of docs/sinks.md that begin with the name of a file. */
const files = new Map(
  [...docs.matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g)].map(([, name = '', code = '']) => [name, code] as const),
);

// Inside of the project, where `sassy` means this one.
const cache = join(root, 'node_modules', '.vitest');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'documented-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, code] of files) writeFileSync(join(folder, name), code);

const { folderSink }: { folderSink: (folder: string) => Sink } = await import(join(folder, 'folder-sink.ts'));
describeSink('the one of docs/sinks.md', (place) => folderSink(place));

describe('a sink of one’s own', () => {
  it('is written, used and tested as docs/sinks.md says', async () => {
    expect([...files.keys()]).toEqual(['folder-sink.ts', 'sassy.config.ts', 'folder-sink.test.ts']);
    const project = workspace();
    try {
      mkdirSync(join(project.folder, 'integrations'));
      for (const [name, code] of files) writeFileSync(join(project.folder, name), code);
      const run = (...args: readonly string[]) => runCli(['run', 'snyk', ...args], { cwd: project.folder });
      const sync = await run('sync', '--replay', 'demo', '--json');
      expect(sync.code, sync.stderr).toBe(0);
      expect(readdirSync(join(project.folder, '.sassy/snyk/replay/parsed/folder'))).toHaveLength(1);
      const shown = await run('show', 'Finding', '--connection', 'replay', '--limit', '2');
      expect(shown.lines()).toHaveLength(2);
      const status = (await run('status', '--connection', 'replay', '--json')).json();
      expect(status.sinks).toMatchObject([{ name: 'folder', generations: { findings: 1 } }]);
    } finally {
      project.remove();
    }
  });

  it('gets its secrets, which no output shows, and what it throws is told', async () => {
    const project = workspace();
    try {
      mkdirSync(join(project.folder, 'integrations'));
      const code = `import { defineSink } from 'sassy';
        export default { sinks: [defineSink('mine', async ({ secret, connection }) => {
          throw new Error(connection + ' ' + (await secret('SASSY_MINE'))?.reveal());
        })] };`;
      writeFileSync(join(project.folder, 'sassy.config.ts'), code);
      writeFileSync(join(project.folder, '.env'), 'SASSY_MINE=hidden-value\n');
      const args = ['run', 'snyk', 'sync', '--replay', 'demo', '--json', '--verbose'];
      const answer = await runCli(args, { cwd: project.folder });
      expect(answer.json()).toMatchObject({ error: { code: 'SINK_FAILED', why: 'snyk/replay <secret>' } });
      expect(answer.stdout + answer.stderr).not.toContain('hidden-value');
    } finally {
      project.remove();
    }
  });

  it('has a name that no other has', () => {
    const open = (): never => {
      throw new Error('not opened');
    };
    expect(() => defineSink('duckdb', open)).toThrow('there is a sink duckdb already');
    expect(() => defineSink('My Sink', open)).toThrow('small letters');
  });
});
