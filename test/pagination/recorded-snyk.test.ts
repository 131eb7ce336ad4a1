import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import { pageUrl } from '../../src/http/request-url.ts';
import type { PageRequest } from '../../src/model/http.ts';

/** Real answers, kept outside the repository. */
const FILE = fileURLToPath(new URL('../../../shared/data/snyk/pysnyk-targets/targets-3-pages.json', import.meta.url));
const BASE = 'https://api.snyk.io/rest';

const Interactions = z.array(
  z.object({ url: z.string(), status: z.number(), body: z.object({ data: z.array(z.unknown()) }).loose() }),
);

test('real pages of Snyk are followed from the first to the last', (context) => {
  if (!existsSync(FILE)) return context.skip('the recorded pages of Snyk are not on this machine');
  const recorded = Interactions.parse(JSON.parse(readFileSync(FILE, 'utf8')));
  const byUrl = new Map(recorded.map((interaction) => [canonical(interaction.url), interaction]));
  const fetched: string[] = [];
  const start = new URL(recorded[0]?.url ?? BASE);
  let request: PageRequest | undefined = {
    path: start.pathname.replace('/rest', ''),
    query: Object.fromEntries(start.searchParams),
  };
  while (request !== undefined) {
    const url = pageUrl(BASE, request);
    const interaction = byUrl.get(canonical(url));
    expect(interaction, url).toBeDefined();
    fetched.push(canonical(url));
    const recordCount = interaction?.body.data.length ?? 0;
    request = jsonApiLinks().next({ request, url, json: interaction?.body, headers: {}, recordCount });
  }
  expect(fetched).toEqual(recorded.map(({ url }) => canonical(url)));
  expect(fetched.length).toBe(3);
});

/** The same page whatever the order and the spelling of its query. */
function canonical(url: string): string {
  const { pathname, searchParams } = new URL(url);
  return `${pathname.replace('/rest', '')}?${[...searchParams]
    .map((pair) => pair.join('='))
    .sort()
    .join('&')}`;
}
