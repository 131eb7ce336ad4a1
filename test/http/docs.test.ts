import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as sassy from '../../src/index.ts';
import type { PageSource } from '../../src/model/stream.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import { type Config, faulty, streamRig } from '../faults/stream-rig.ts';

const text = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');

test('the export job of docs/http.md: the requests and the answers that it shows, and the records', async () => {
  const [, code = ''] = /```ts\n(const source = exportJob\([^]*?)```/.exec(text) ?? [];
  const shown = [...code.matchAll(/^\/\/ (GET|POST) (\S+).*\n\/\/ answer (.+)$/gm)];
  const answers = shown.map(([, , , body = '']): FaultAnswer => ({ body }));
  const server = await faulty((_, number) => answers[number - 1] ?? { status: 500 });
  const rig = await streamRig(server, sourceOf(code), { stream: { record: z.looseObject({ id: z.string() }) } });
  const run = await rig.run();
  expect(run.result.status).toBe('complete');
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
    shown.map(([, method, url]) => `${method} ${url}`),
  );
  const pages = await Array.fromAsync((await rig.open()).pages());
  const records = pages.flatMap(({ body }) =>
    body.kind === 'bytes'
      ? body.bytes
          .toString()
          .split('\n')
          .map((line) => JSON.parse(line).id)
      : [],
  );
  expect(`records ${records.join(' ')}`).toBe(/^\/\/ (records .+)$/m.exec(code)?.[1]);
});

/** What stands before the comments is run as it is, with the public door's names. */
function sourceOf(code: string): PageSource<Config> {
  const names = Object.keys(sassy);
  const [statement = ''] = code.split('\n//', 1);
  // oxlint-disable-next-line typescript/no-implied-eval -- the point is to run what the page shows
  const made: PageSource<Config> = new Function(...names, `${statement}; return source;`)(...Object.values(sassy));
  return made;
}
