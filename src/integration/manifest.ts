import type { Manifest } from '../model/manifest.ts';
import { checkEntities, checkParsers } from './check-parsers.ts';
import { checkSettings } from './check-settings.ts';
import { checkStreams } from './check-streams.ts';
import { definitionFile, type DefinitionProblem, type Problem } from './definition-problem.ts';
import { findIntegration } from './find-integration.ts';
import { frozenCopy } from './frozen-copy.ts';
import { limitProblems } from './check-limits.ts';
import { lowerStream } from './lower-stream.ts';

export interface IntegrationPlace {
  /** The folder's name: what the integration is called on the command line. */
  readonly name: string;
  /** The folder itself, absolute. */
  readonly folder: string;
  /** The file that problems are told for. Default: `integration.ts` in the folder. */
  readonly file?: string;
}

export type ManifestResult =
  | { readonly manifest: Manifest; readonly errors?: undefined }
  /** Every problem there is, never only the first. */
  | { readonly manifest?: undefined; readonly errors: readonly DefinitionProblem[] };

/**
 * Builds the description of an integration from what its module exports (or from the class, or from what
 * `defineIntegration` gave). Reads decorators once; nothing is read from them afterwards. Frozen at every depth, but for
 * schemas. Never throws for what an author got wrong.
 */
export function buildManifest(exported: unknown, place: IntegrationPlace): ManifestResult {
  const found = findIntegration(exported);
  const problems: Problem[] = [...found.problems];
  if (found.value === undefined) return failed(problems, place);
  const { options, checks, parsers } = found.value;
  const lowered = listOf(options.streams).map((ref, index) => lowerStream(ref, index));
  const given = listOf(options.entities ?? []);
  const streams = checkStreams(lowered);
  const entities = checkEntities(given);
  const checked = checkParsers(parsers, lowered, given);
  problems.push(
    ...checkSettings(options),
    ...(Array.isArray(options.streams) && options.streams.length > 0
      ? []
      : [{ what: 'the integration has no streams', fix: 'write streams: [Orgs, Projects]' }]),
    ...streams.problems,
    ...entities.problems,
    ...checkTitles(checks.map(({ title }) => title)),
    ...checked.problems,
    ...limitProblems('the integration', { failureBudget: options.failureBudget, maxArchived: options.maxArchived }),
  );
  if (problems.length > 0) return failed(problems, place);
  return {
    manifest: frozenCopy({
      name: place.name,
      title: options.title,
      folder: place.folder,
      config: options.config,
      http: options.http,
      streams: streams.streams,
      checks,
      parsers: checked.parsers,
      entities: entities.entities,
      ...(options.failureBudget === undefined ? {} : { failureBudget: options.failureBudget }),
      ...(options.maxArchived === undefined ? {} : { maxArchived: options.maxArchived }),
    }),
  };
}

function checkTitles(titles: readonly unknown[]): readonly Problem[] {
  return titles.flatMap((title, index): readonly Problem[] => {
    if (typeof title !== 'string' || title.trim() === '') {
      return [{ what: 'a check has no title', fix: "write @Check('the token can list organisations')" }];
    }
    return titles.indexOf(title) === index
      ? []
      : [{ what: `two checks have the title '${title}'`, fix: 'say what each of them checks' }];
  });
}

function failed(
  problems: readonly Problem[],
  { folder, file = definitionFile(folder) }: IntegrationPlace,
): ManifestResult {
  return { errors: problems.map(({ what, fix }) => ({ file, what, fix })) };
}

/** JavaScript authors have no compiler that keeps anything but a list out. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
