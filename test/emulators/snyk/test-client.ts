import { request as httpRequest } from 'node:http';
import { z } from 'zod';
import type { SnykEmulator, SnykEmulatorOptions } from './contract.ts';
import { startSnykEmulator } from './snyk-emulator.ts';
import type { SnykIssue } from './types.ts';

const link = z.union([z.string(), z.strictObject({ href: z.string(), meta: z.strictObject({}) })]);

export const listSchema = z.object({
  jsonapi: z.object({ version: z.literal('1.0') }),
  data: z.array(z.looseObject({ id: z.string(), type: z.string() })),
  links: z.record(z.string(), link),
});
type ListDocument = z.infer<typeof listSchema>;

const errorSchema = z.strictObject({
  jsonapi: z.strictObject({ version: z.literal('1.0') }),
  errors: z.array(
    z.strictObject({
      id: z.uuid(),
      status: z.string(),
      code: z.string(),
      title: z.string(),
      detail: z.string(),
      source: z.strictObject({ parameter: z.string() }).optional(),
    }),
  ),
});

export const testVersion = '2024-10-15';

/** One request as a client of today would send it; `query` may take the version away with an empty text. */
export async function send(
  emulator: SnykEmulator,
  path: string,
  query: Readonly<Record<string, string>> = {},
  init: RequestInit = {},
): Promise<Response> {
  const url = new URL(`${emulator.url}/rest${path}`);
  for (const [name, value] of Object.entries({ version: testVersion, ...query })) {
    if (value !== '') url.searchParams.append(name, value);
  }
  return fetch(url, { headers: { authorization: `token ${emulator.token}` }, ...init });
}

export async function list(
  emulator: SnykEmulator,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<ListDocument> {
  const response = await send(emulator, path, query);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return listSchema.parse(await response.json());
}

/** The status and the wrong parameter of a refusal, which must be an error document. */
export async function refusal(response: Response): Promise<{ status: number; parameter: string | undefined }> {
  const document = errorSchema.parse(await response.json());
  const [error] = document.errors;
  if (error?.status !== String(response.status)) throw new Error('the document does not repeat the status');
  return { status: response.status, parameter: error.source?.parameter };
}

/** Follows `links.next` in any of its forms to the end. */
export async function walk(
  emulator: SnykEmulator,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<{ items: ListDocument['data']; nexts: ListDocument['links'][string][]; pages: number[] }> {
  const nexts: ListDocument['links'][string][] = [];
  let page = await list(emulator, path, query);
  const items = [...page.data];
  const pages = [page.data.length];
  for (let next = page.links['next']; next !== undefined; next = page.links['next']) {
    nexts.push(next);
    const target = typeof next === 'string' ? next : next.href;
    const url = `${emulator.url}/rest${target.replace(/^\/rest(?=\/)/, '')}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${emulator.token}` } });
    page = listSchema.parse(await response.json());
    items.push(...page.data);
    pages.push(page.data.length);
  }
  return { items, nexts, pages };
}

/** The cursor that a link leads to. */
export function cursorIn(next: ListDocument['links'][string] | undefined): string {
  const href = typeof next === 'object' ? next.href : (next ?? '');
  const parameters = new URLSearchParams(href.split('?')[1]);
  return parameters.get('starting_after') ?? parameters.get('ending_before') ?? '';
}

export function firstOrg(emulator: SnykEmulator): string {
  const org = emulator.truth.orgs[0];
  if (org === undefined) throw new Error('there is no organisation');
  return org.id;
}

export function issuesOf(emulator: SnykEmulator, org: string): SnykIssue[] {
  return emulator.truth.issues.filter((issue) => issue.relationships.organization.data.id === org);
}

export const ids = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
export const sorted = (values: readonly string[]): string[] => values.toSorted((a, b) => (a < b ? -1 : 1));

/** Emulators of the tests that change something; `close` belongs into `afterEach`. */
export function ownEmulators(): {
  readonly start: (options?: SnykEmulatorOptions) => Promise<SnykEmulator>;
  readonly close: () => Promise<void>;
} {
  const started: SnykEmulator[] = [];
  return {
    async start(options = {}) {
      const emulator = await startSnykEmulator(options);
      started.push(emulator);
      return emulator;
    },
    async close() {
      await Promise.all(started.splice(0).map((emulator) => emulator.close()));
    },
  };
}

/** Bytes and headers as they came over the socket, which fetch does not show. */
export async function raw(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer; isComplete: boolean }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const finish = (): void =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks), isComplete: response.complete });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      // A cut answer ends with an error and then closes; both ways lead here.
      response.on('error', finish);
      response.on('close', finish);
    });
    sent.on('error', reject);
    sent.end();
  });
}
