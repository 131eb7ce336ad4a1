import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Interaction } from './replay-server.ts';

/** Real recorded traffic, which does not lie in this repository. */
const FOLDER = resolve(import.meta.dirname, '../../../shared/data/github');

export const hasRecordings = existsSync(FOLDER);

interface Account {
  readonly id: number;
  readonly login: string;
}

/** What the recordings hold of repositories and alerts, as far as tests look at it. */
export interface Recorded {
  readonly id?: number;
  readonly number?: number;
  readonly url: string;
  readonly full_name?: string;
  readonly html_url?: string;
  readonly owner?: Account;
}

export function recording(file: string): readonly Interaction[] {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
}

/** The file whose name has this in it. */
export function fileNamed(folder: string, part: string): string {
  const found = readdirSync(join(FOLDER, folder)).find((name) => name.includes(part));
  if (found === undefined) throw new Error(`no recording ${folder}/…${part}…`);
  return `${folder}/${found}`;
}

/** The records of a list that was recorded at another URL, or without its HTTP. */
export function records(file: string): readonly Recorded[] {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
}

export function example(name: string): readonly Recorded[] {
  const spec = JSON.parse(readFileSync(join(FOLDER, 'openapi/api.github.com.trimmed.openapi.json'), 'utf8'));
  const { value } = spec.components.examples[name];
  return Array.isArray(value) ? value : value.repositories;
}

/** Every recorded refusal, with the file it lies in. */
export function refusals(): readonly (Interaction & { readonly file: string })[] {
  return ['octokit.rb', 'octokit-fixtures', 'hub4j-wiremock', 'github3.py'].flatMap((folder) =>
    readdirSync(join(FOLDER, folder))
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) =>
        recording(join(folder, name)).map((interaction) => ({ ...interaction, file: `${folder}/${name}` })),
      )
      .filter(({ status }) => status >= 300),
  );
}

/** A list as GitHub would answer it. */
export function list(path: string, body: readonly unknown[]): Interaction {
  return { method: 'GET', url: `https://api.github.com${path}`, status: 200, headers: {}, body };
}

/** The repositories that alerts name, each once: what the list would have held that was not recorded. */
export function repositoriesOf(alerts: readonly Recorded[]): readonly object[] {
  const names = alerts.map(({ url }) => /\/repos\/([^/]+\/[^/]+)\//.exec(url)?.[1] ?? '');
  return [...new Set(names)].map((full_name, index) => ({
    id: index + 1,
    full_name,
    owner: { id: 1, login: full_name.split('/')[0] },
  }));
}
