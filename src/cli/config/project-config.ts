import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import { closest } from '../../util/did-you-mean.ts';
import { isObject } from '../../util/json.ts';
import { printable } from '../render/printable.ts';
import { CONFIG_FILE } from './config-values.ts';
import { type ConnectionId, connectionText, parseConnection } from './connection.ts';
import { RetentionChoice } from './retention-config.ts';
import { SinkChoice } from './sink-choice.ts';

/** What the default export of `sassy.config.ts` may hold. */
export const ProjectConfig = z.strictObject({
  /** Relative to the project. `--data-dir` and `SASSY_HOME` win. */
  dataDir: z.string().min(1).optional(),
  sinks: z.array(SinkChoice).min(1).optional(),
  /** In how many threads parsers that say `parallel` run. `--threads` wins. */
  threads: z.int().min(1).max(64).optional(),
  /** `snyk` or `snyk/acme` → config fields. Never secrets. */
  connections: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  /** `snyk` or `snyk/acme` → how long its raw data is kept; goes over what the streams say. */
  retention: z.record(z.string(), RetentionChoice).optional(),
});

export type ProjectConfig = z.infer<typeof ProjectConfig>;

/** Loads a TypeScript module: the loader is the caller's. Resolves with the module's exports. */
export type ImportModule = (path: string) => Promise<unknown>;

/**
 * Reads `sassy.config.ts` of a project folder; an empty config when there is none. Throws CONFIG_INVALID when it
 * cannot be loaded or holds something else.
 */
export async function loadProjectConfig(projectDir: string, importModule: ImportModule): Promise<ProjectConfig> {
  const path = join(projectDir, CONFIG_FILE);
  if (!existsSync(path)) return {};
  const loaded = await load(path, importModule);
  if (!isObject(loaded) || !isObject(loaded['default'])) {
    throw invalid('has no default export', 'the file must end in an object', 'write: export default { … }');
  }
  const parsed = ProjectConfig.safeParse(loaded['default']);
  if (!parsed.success) {
    throw invalid('is not valid', parsed.error.issues.map(issueText).join('\n'), `correct ${CONFIG_FILE}`);
  }
  for (const name of Object.keys(parsed.data.connections ?? {})) requireConnection('connections', name);
  for (const name of Object.keys(parsed.data.retention ?? {})) requireConnection('retention', name);
  return parsed.data;
}

/** The fields that the project config sets for one connection; `snyk` and `snyk/snyk` are the same one. */
export function connectionFields(config: ProjectConfig, id: ConnectionId): Readonly<Record<string, unknown>> {
  const all = Object.entries(config.connections ?? {});
  return all.find(([name]) => connectionText(parseConnection(name)) === connectionText(id))?.[1] ?? {};
}

async function load(path: string, importModule: ImportModule): Promise<unknown> {
  try {
    return await importModule(path);
  } catch (error) {
    if (isSassyError(error)) throw error;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const place = placeIn(error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : text);
    throw new SassyError('CONFIG_INVALID', {
      message: `${place} cannot be loaded`,
      why: text.split('\n').map(printable).join('\n'),
      fix: `correct ${place}`,
      cause: error,
    });
  }
}

/** `sassy.config.ts:3:7` where the error tells, else the file's name. */
function placeIn(text: string): string {
  const position = /sassy\.config\.ts(?:\?[^:\s]*)?(:\d+(?::\d+)?)/.exec(text)?.[1];
  return CONFIG_FILE + (position ?? '');
}

function requireConnection(field: string, name: string): void {
  try {
    parseConnection(name);
  } catch (error) {
    if (!isSassyError(error)) throw error;
    throw new SassyError('CONFIG_INVALID', {
      message: `${CONFIG_FILE}: ${field}: ${error.message}`,
      ...(error.why === undefined ? {} : { why: error.why }),
      fix: `correct ${CONFIG_FILE}`,
      cause: error,
    });
  }
}

function issueText(issue: z.core.$ZodIssue): string {
  const place = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return `${place === '' ? '' : `${place}: `}${issue.message}`;
  const names = Object.keys(ProjectConfig.shape);
  return issue.keys
    .map((key) => {
      const better = closest(key, names);
      return `${printable(key)} is not known; ${better === undefined ? `there are ${names.join(', ')}` : `did you mean ${better}?`}`;
    })
    .join('\n');
}

function invalid(problem: string, why: string, fix: string): SassyError {
  return new SassyError('CONFIG_INVALID', { message: `${CONFIG_FILE} ${problem}`, why, fix });
}
