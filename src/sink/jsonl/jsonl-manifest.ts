import { hash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../errors/error-code.ts';
import { SassyError } from '../../errors/sassy-error.ts';
import type { Host } from '../../util/host.ts';
import { StoredColumns } from '../generation-shape.ts';

/** The format of the manifests. A newer one is refused, never guessed at. */
export const JSONL_FORMAT = 1;

const Part = z.object({ name: z.string(), rows: z.number(), bytes: z.number(), sha256: z.string() });

/** `_sassy/<parser>/00000007.json`: one commit of one parser. Immutable; makes its parts and the position visible together. */
export const JsonlManifest = z.object({
  number: z.number(),
  parser: z.string(),
  entity: z.string(),
  table: z.string(),
  key: z.array(z.string()),
  generation: z.number(),
  /** The first of its generation: a reader goes back as far as this one. */
  start: z.boolean(),
  /** The entity's columns as of this commit. */
  columns: StoredColumns,
  /** Every column the generation ever had. */
  stored: StoredColumns,
  /** What this commit adds. */
  parts: z.array(Part),
  commits: z.record(z.string(), z.number()),
  codeHash: z.string(),
});

export type Part = z.infer<typeof Part>;
export type JsonlManifest = z.infer<typeof JsonlManifest>;

const Format = z.object({ format: z.number() });

const MANIFEST_NAME = /^(\d{8})\.json$/;

export interface JsonlPaths {
  readonly manifests: (parser: string) => string;
  readonly generation: (of: { readonly table: string; readonly parser: string; readonly generation: number }) => string;
}

const MANIFESTS = '_sassy';

export function jsonlPaths(folder: string): JsonlPaths {
  return {
    manifests: (parser) => join(folder, MANIFESTS, safeName(parser)),
    generation: ({ table, parser, generation }) =>
      join(folder, safeName(table), safeName(parser), `gen-${String(generation).padStart(6, '0')}`),
  };
}

/** A folder's name for any table or parser; never `..`, never that of the manifests. */
function safeName(name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll('*', '%2A').replace(/^\./, '%2E');
  return encoded === MANIFESTS ? '%5Fsassy' : encoded;
}

/** The newest manifest of each parser. */
export async function readHeads(host: Host, folder: string): Promise<readonly JsonlManifest[]> {
  const parsers = await host.fs.list(join(folder, MANIFESTS));
  const heads = await Promise.all([...parsers].sort().map((parser) => readHead(host, join(folder, MANIFESTS, parser))));
  return heads.flat();
}

/** None or one. */
export async function readHead(host: Host, manifests: string): Promise<readonly JsonlManifest[]> {
  const numbers = await manifestNumbers(host, manifests);
  const newest = numbers.at(-1);
  return newest === undefined ? [] : [await readManifest(host, manifests, newest)];
}

/** The manifests of the last `generations` generations, oldest first. @throws SassyError STORE_CORRUPT when one is missing */
export async function readChain(host: Host, manifests: string, generations: 1 | 2): Promise<readonly JsonlManifest[]> {
  const numbers = await manifestNumbers(host, manifests);
  const chain: JsonlManifest[] = [];
  let starts = 0;
  for (let number = numbers.at(-1) ?? 0; number > 0 && starts < generations; number--) {
    // The generation before may have been dropped; within one, every manifest is there.
    if (!numbers.includes(number) && chain.at(-1)?.start === true) break;
    const manifest = await readManifest(host, manifests, number);
    chain.push(manifest);
    if (manifest.start) starts += 1;
  }
  return chain.toReversed();
}

export async function manifestNumbers(host: Host, manifests: string): Promise<readonly number[]> {
  const names = await host.fs.list(manifests);
  return names
    .flatMap((name) => MANIFEST_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export function manifestName(number: number): string {
  return `${String(number).padStart(8, '0')}.json`;
}

async function readManifest(host: Host, manifests: string, number: number): Promise<JsonlManifest> {
  const path = join(manifests, manifestName(number));
  try {
    const value: unknown = JSON.parse(checkedText((await host.fs.readFile(path)).toString('utf8')));
    const { format } = Format.parse(value);
    if (format === JSONL_FORMAT) return JsonlManifest.parse(value);
  } catch (error) {
    throw new SassyError('STORE_CORRUPT', {
      message: `${path} is missing or not what was written`,
      fix: 'move the folder away, then make the entities again from the raw data: sassy run <integration> restream',
      cause: error,
    });
  }
  throw new SassyError('STORE_VERSION', {
    message: `${path} is not of format ${JSONL_FORMAT}, the one this sassy knows`,
  });
}

/** The first line. The second is its sha256: a flipped bit in a position would pass records over. Absent in older files. */
function checkedText(file: string): string {
  const [text = '', checksum = ''] = file.split('\n');
  if (checksum !== '' && checksum !== checksumOf(text)) throw new Error('its checksum does not match its text');
  return text;
}

function checksumOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

/**
 * Creates the manifest if its number is free, whole or not at all. `onVisible` is called as soon as it is there: from then
 * on what it names must stay, also when making it durable fails. @throws SassyError FENCED when the number is taken
 */
export async function writeManifest(
  host: Host,
  manifests: string,
  manifest: JsonlManifest,
  onVisible: () => void = () => undefined,
): Promise<void> {
  await host.fs.mkdir(manifests);
  const path = join(manifests, manifestName(manifest.number));
  const temporary = `${path}.${host.random().toString(36).slice(2)}.tmp`;
  const text = JSON.stringify({ format: JSONL_FORMAT, ...manifest });
  await host.fs.writeNew(temporary, [Buffer.from(`${text}\n${checksumOf(text)}\n`)]);
  try {
    await host.fs.link(temporary, path);
    onVisible();
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new SassyError('FENCED', {
      message: `${manifest.parser}: another run has committed to the sink meanwhile`,
      cause: error,
    });
  } finally {
    // One that cannot be removed harms nothing, and is removed by the next run.
    await host.fs.unlink(temporary).catch(() => undefined);
  }
  await host.fs.syncFolder(manifests);
}
