import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as sassy from '../../src/index.ts';
import { pageUrl } from '../../src/http/request-url.ts';
import type { PageRequest } from '../../src/model/http.ts';
import type { Paginator } from '../../src/pagination/paginator.ts';

const BASE = 'https://api.example.com/rest';
const text = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```ts\n(const paginator = [^]*?)```/g)].map(([, code = '']) => code.trim());

test('docs/http.md has an example of every paginator', () => {
  for (const name of [
    'jsonApiLinks',
    'bodyLink',
    'linkHeader',
    'bodyCursor',
    'bodyToken',
    'graphqlConnection',
    'pageNumber',
    'offset',
    'singlePage',
  ]) {
    expect(
      examples.some((code) => code.startsWith(`const paginator = ${name}(`)),
      name,
    ).toBe(true);
  }
});

test.each(examples.map((code) => [code.split('\n', 1)[0], code]))('%s', (_, code) => {
  const line = (name: string): string => new RegExp(`^// ${name} (.+)$`, 'm').exec(code)?.[1] ?? '';
  const request = requestOf(code);
  const [header = '', value = ''] = line('header').split(/: (.*)/);
  const json: unknown = JSON.parse(line('answer'));
  const records = recordsIn(json);
  const answer = {
    request,
    url: pageUrl(BASE, request),
    json,
    headers: header === '' ? {} : { [header]: value },
    recordCount: records.length,
    records,
  };
  const next = paginatorOf(code).next(answer);
  expect(next === undefined ? 'none' : shown(next)).toBe(line('next'));
});

/** The first line is run as it stands, with the public door's names. */
function paginatorOf(code: string): Paginator {
  const names = Object.keys(sassy);
  // oxlint-disable-next-line typescript/no-implied-eval -- the point is to run what the page shows
  const made: Paginator = new Function(...names, `${code.split('\n', 1)[0]}; return paginator;`)(
    ...Object.values(sassy),
  );
  return made;
}

function requestOf(code: string): PageRequest {
  const [, method = '', target = '', body] = /^\/\/ (GET|POST) (\S+)(?: (.+))?$/m.exec(code) ?? [];
  const [path = '', query] = target.split('?');
  return {
    path,
    ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
    ...(method === 'POST' ? { method: 'POST' } : {}),
    ...(body === undefined ? {} : { json: JSON.parse(body) }),
  };
}

function shown(next: PageRequest): string {
  const path = pageUrl(BASE, next).slice(BASE.length);
  return next.json === undefined ? path : `${path} ${JSON.stringify(next.json)}`;
}

function recordsIn(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  return Object.values(Object(json)).find((value) => Array.isArray(value)) ?? [];
}
