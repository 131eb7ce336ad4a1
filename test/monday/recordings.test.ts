import { describe, expect, it } from 'vitest';
import { mondayVerdict } from '../../integrations/monday/errors.ts';
import { BOARDS, firstItems } from '../../integrations/monday/queries.ts';
import { runCli, workspace } from '../support/cli.ts';
import { FOLDER, hasRecordings, itemChains, recorded, replayServer } from './recordings.ts';

const title = hasRecordings ? 'real recordings' : `real recordings: skipped, because ${FOLDER} is missing`;

describe.skipIf(!hasRecordings)(title, { concurrent: true }, () => {
  const all = recorded();
  const chains = itemChains(all);
  const list = all.find(({ query }) => query.startsWith('query{boards{id name description}}'));

  it('every page of items is read, with every record, and becomes an entity each', async () => {
    expect(chains.length).toBeGreaterThan(0);
    // One board was read several times: each time is a round of its own.
    const rounds = [...new Set(chains.map((chain) => timeOf(chain)))];
    const results = await Promise.all(rounds.map((round) => readRound(round)));
    for (const { shown, entities, expected } of results) {
      expect(shown).toEqual(expected);
      expect(entities).toEqual(expected.map(({ id, name }) => ({ id, key: id, title: name, kind: 'item' })));
    }
    expect(results.reduce((sum, { expected }) => sum + expected.length, 0)).toBe(
      chains.flatMap(({ pages }) => pages.flatMap(({ items }) => items)).length,
    );
  });

  it.skipIf(list === undefined)('the list of boards is read, and each becomes a project', async () => {
    const { shown, projects } = await read(list?.body.data.boards, [], 'boards');
    expect(shown).toEqual(sorted(list?.body.data.boards));
    expect(projects).toEqual(sorted(list?.body.data.boards).map(({ id, name }) => ({ id, name, active: true })));
  });

  it.each(all.filter(isError).map((one) => [`${one.file}: ${JSON.stringify(one.body).slice(0, 120)}`, one] as const))(
    '%s',
    (_name, { status, headers, body }) => {
      const response = { status, headers, body: Buffer.from(JSON.stringify(body)) };
      const request = { method: 'POST', url: 'https://api.monday.com/v2', headers: {} };
      const onList = mondayVerdict(response, { ...request, body: JSON.stringify({ query: BOARDS }) })?.kind;
      const onItems = mondayVerdict(response, {
        ...request,
        body: JSON.stringify({ query: firstItems(undefined) }),
      })?.kind;
      const code: unknown = body.error_code ?? body.errors?.[0]?.extensions?.code;
      // Left to the framework, which counts it as a refused login.
      if (status === 401) expect(onList).toBeUndefined();
      else if (code === 'COMPLEXITY_BUDGET_EXHAUSTED' || status >= 500) expect(onList).toBe('retry');
      else if (code === 'USER_UNAUTHORIZED' || code === 'UserUnauthorizedException') {
        expect([onList, onItems]).toEqual(['denied', 'skip']);
      } else if (code === 'InvalidBoardIdException') expect([onList, onItems]).toEqual(['fail', 'skip']);
      else expect([onList, onItems]).toEqual(['fail', 'fail']);
    },
  );

  function timeOf(chain: (typeof chains)[number]): number {
    return chains.filter(({ board }) => board === chain.board).indexOf(chain);
  }

  async function readRound(round: number) {
    const ofRound = chains.filter((chain) => timeOf(chain) === round);
    const boards = ofRound.map(({ board }) => ({ id: board, name: `Board ${board}` }));
    const { shown, workItems } = await read(boards, ofRound, 'items');
    return {
      shown,
      entities: workItems,
      expected: sorted(ofRound.flatMap(({ pages }) => pages.flatMap(({ items }) => [...items]))),
    };
  }

  async function read(boards: Parameters<typeof replayServer>[0], ofRound: typeof chains, stream: 'boards' | 'items') {
    const server = await replayServer(boards, ofRound);
    const place = workspace();
    try {
      const env = { SASSY_MONDAY__TOKEN: 'replayed', SASSY_MONDAY__BASE_URL: server.url };
      const run = (args: string) => runCli(['run', 'monday', ...args.split(' '), '--json'], { cwd: place.folder, env });
      const streamed = await run('stream');
      expect(streamed.code, streamed.stderr).toBe(0);
      const parsed = await run('parse');
      expect(parsed.code, parsed.stderr).toBe(0);
      const show = async (what: string) => sorted((await run(`show ${what}`)).lines());
      const [shown, workItems, projects] = await Promise.all([
        show(stream),
        stream === 'items' ? show('WorkItem') : [],
        stream === 'boards' ? show('Project') : [],
      ]);
      return {
        shown,
        workItems: workItems.map(({ id, key, title, kind }) => ({ id, key, title, kind })),
        projects: projects.map(({ id, name, active }) => ({ id, name, active })),
      };
    } finally {
      server.close();
      place.remove();
    }
  }
});

function isError({ status, body }: ReturnType<typeof recorded>[number]): boolean {
  return status >= 400 || body?.errors !== undefined || body?.error_code !== undefined;
}

/* oxlint-disable typescript/no-explicit-any -- records of any shape, compared as they are */
function sorted(list: readonly any[]): any[] {
  return list.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
}
