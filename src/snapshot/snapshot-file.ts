import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../errors/error-code.ts';
import { SassyError } from '../errors/sassy-error.ts';
import { closest } from '../util/did-you-mean.ts';
import type { Host } from '../util/host.ts';
import { isObject } from '../util/json.ts';
import type { Secret } from '../util/secret.ts';
import { secretCheck } from './secret-check.ts';

const FORMAT = 1;

/** Header names are lower case; only those of `keptRequestHeaders`/`keptResponseHeaders` are ever stored. */
const Headers = z.record(z.string(), z.string());

/** One request as it was sent, seen from the canonical origin. */
export const SnapshotRequest = z.object({
  method: z.string(),
  /** Absolute, with query; of the origin of `baseUrl`. */
  url: z.url({ protocol: /^https?$/ }),
  headers: Headers.optional(),
  body: z.string().optional(),
  /** Which of the connection's identities sent it, where it was not the connection's own. */
  as: z.string().optional(),
});
export type SnapshotRequest = z.infer<typeof SnapshotRequest>;

const status = z.int().min(200).max(599);

/**
 * One answer. The body is `json` when serialising the value gives back the very bytes the server sent; else `text` (UTF-8);
 * else `base64`. `bodyBytes` turns each into those bytes again.
 */
export const SnapshotResponse = z.union([
  z.strictObject({ status, headers: Headers, text: z.string() }),
  z.strictObject({ status, headers: Headers, base64: z.base64() }),
  z.strictObject({ status, headers: Headers, json: z.unknown().nonoptional() }),
]);
export type SnapshotResponse = z.infer<typeof SnapshotResponse>;

/** A request and the answer to it. */
export const Interaction = z.object({ request: SnapshotRequest, response: SnapshotResponse });
export type Interaction = z.infer<typeof Interaction>;

/** The recorded HTTP of one scenario, and what a stream and parse over it must end with. */
export const Snapshot = z
  .object({
    format: z.literal(FORMAT),
    integration: z.string(),
    scenario: z.string(),
    /** What the recording came from: `api.snyk.io`, `emulator (test/emulators/snyk)`. */
    source: z.string(),
    /** ISO 8601. */
    recordedAt: z.string(),
    note: z.string().optional(),
    /** The service's own base URL, whatever host the recording came from. */
    baseUrl: z.url({ protocol: /^https?$/ }),
    /** The config values that shaped the requests; never a secret. */
    config: z.record(z.string(), z.string()),
    /** In the order in which the requests were sent. */
    interactions: z.array(Interaction),
    expected: z.object({
      /** Stream → number of records. */
      streams: z.record(z.string(), z.int().nonnegative()),
      /** Table → its entities in key order. */
      entities: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
    }),
  })
  .superRefine((snapshot, context) => {
    const { origin } = new URL(snapshot.baseUrl);
    for (const [index, { request }] of snapshot.interactions.entries()) {
      if (new URL(request.url).origin !== origin) {
        const path = ['interactions', index, 'request', 'url'];
        context.addIssue({ code: 'custom', message: `is not of the origin ${origin}`, path });
      }
    }
  });
export type Snapshot = z.infer<typeof Snapshot>;

/** Where a scenario of an integration lies below the folder `snapshots`. */
export function snapshotPath(folder: string, integration: string, scenario: string): string {
  return join(folder, integration, `${scenario}.json`);
}

/** The scenarios recorded in one integration's folder, sorted; empty when there is no such folder. */
export async function listScenarios(host: Host, folder: string): Promise<readonly string[]> {
  const names = await host.fs.list(folder);
  return names
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/**
 * Reads and checks a snapshot. UNKNOWN_SCENARIO when there is no such file (names those there are), STORE_VERSION for another
 * format, STORE_CORRUPT when it is no snapshot.
 */
export async function readSnapshot(host: Host, file: string): Promise<Snapshot> {
  const scenario = basename(file, '.json');
  const integration = basename(dirname(file));
  const name = `${integration}/${scenario}`;
  let bytes: Buffer;
  try {
    bytes = await host.fs.readFile(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    const there = await listScenarios(host, dirname(file));
    const meant = closest(scenario, there);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw new SassyError('UNKNOWN_SCENARIO', {
      message: `there is no snapshot ${name}`,
      why: there.length === 0 ? `${integration} has no snapshots yet` : `there are: ${there.join(', ')}${question}`,
      fix: `sassy run ${integration} record ${scenario}`,
      cause: error,
    });
  }
  const json = parsed(bytes.toString('utf8'), name);
  if (isObject(json) && 'format' in json && json['format'] !== FORMAT) {
    throw new SassyError('STORE_VERSION', {
      message: `the snapshot ${name} has the format ${JSON.stringify(json['format'])}`,
      why: `this version of sassy reads format ${FORMAT}`,
      fix: `use the version of sassy that wrote it, or: sassy run ${integration} record ${scenario}`,
    });
  }
  const result = Snapshot.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = (issue?.path ?? []).map((part) => `/${String(part)}`).join('');
  throw broken(name, `at ${place === '' ? 'the top' : place}: ${issue?.message ?? 'it is not valid'}`, result.error);
}

/**
 * Writes a snapshot by way of a temporary file: pretty JSON, keys in one order, so that a second recording of the same
 * traffic gives the same text. `snapshot` must have been scrubbed; it is checked here once more, by other code, and nothing
 * is written when something is found (SECRET_IN_SNAPSHOT, which names the place and never the value).
 */
export async function writeSnapshot(
  host: Host,
  file: string,
  snapshot: Snapshot,
  check: { readonly secrets: readonly Secret[] },
): Promise<void> {
  const text = snapshotText(snapshot);
  const findings = secretCheck(text, check);
  if (findings.length > 0) {
    const shown = findings.slice(0, 5).map(({ pointer, what }) => `${pointer}: ${what}`);
    const more = findings.length > shown.length ? `; and ${findings.length - shown.length} more` : '';
    throw new SassyError('SECRET_IN_SNAPSHOT', {
      message: `the recording of ${snapshot.integration}/${snapshot.scenario} still holds a secret`,
      why: shown.join('; ') + more,
      fix: 'name the field in the scrub rules of the integration and record again',
    });
  }
  const folder = dirname(file);
  await host.fs.mkdir(folder);
  const suffix = Math.floor(host.random() * 2 ** 32).toString(36);
  const temporary = join(folder, `.${basename(file)}.${host.process.pid}.${suffix}.tmp`);
  try {
    await host.fs.writeNew(temporary, [Buffer.from(text)]);
    await host.fs.rename(temporary, file);
  } catch (error) {
    await host.fs.unlink(temporary);
    throw error;
  }
  await host.fs.syncFolder(folder);
}

/** The text of a snapshot's file. Bodies and entities keep the order of their own keys; all else has one order. */
export function snapshotText(snapshot: Snapshot): string {
  const { integration, scenario, source, recordedAt, note, baseUrl, config, expected } = snapshot;
  const interactions = snapshot.interactions.map(({ request, response }) => {
    const { status, headers, ...body } = response;
    return {
      request: {
        method: request.method,
        url: request.url,
        headers: request.headers === undefined ? undefined : sorted(request.headers),
        body: request.body,
        as: request.as,
      },
      response: { status, headers: sorted(headers), ...body },
    };
  });
  const ordered = {
    format: FORMAT,
    integration,
    scenario,
    source,
    recordedAt,
    note,
    baseUrl,
    config: sorted(config),
    interactions,
    expected: { streams: sorted(expected.streams), entities: sorted(expected.entities) },
  };
  return `${pretty(ordered, '')}\n`;
}

/**
 * JSON for reading and for diffs: fields on lines of their own, and each element of a list on one line, so that a record that
 * changed is one line of a diff. The interactions themselves are opened.
 */
function pretty(value: unknown, indent: string, isOpen = false): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item) => inner + (isOpen ? pretty(item, inner) : JSON.stringify(item)));
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return '{}';
  const lines = fields.map(
    ([name, field]) =>
      `${inner}${JSON.stringify(name)}: ${pretty(field, inner, name === 'interactions' && indent === '')}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken(name, 'it is not JSON', error);
  }
}

function broken(name: string, why: string, cause: unknown): SassyError {
  return new SassyError('STORE_CORRUPT', {
    message: `the file of ${name} is not a snapshot`,
    why,
    fix: `restore it, or: sassy run ${name.replace('/', ' record ')}`,
    cause,
  });
}
