import { entityInfo } from '../../model/entity.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import type { EntityRow } from '../../sink/sink.ts';
import { canonicalJson } from '../../util/json.ts';
import { openNetworkGuard, type NetworkGuard } from './network-guard.ts';
import { injected, openDatasets, openInputs, type OpenInput, type ReadPlan } from './parser-inputs.ts';
import { isListed } from './parser-output.ts';
import { parserSteps, ParserThrew } from './parser-steps.ts';
import { pageRecords, plainRecord, type StoredRecord } from '../dataset/page-records.ts';
import { recordKey } from '../dataset/record-key.ts';
import type { RunContext } from '../run-context.ts';
import { type Held, Trail } from '../dataset/trail.ts';

/** One version of the record that an entity is made from, and what the parser makes of it now. */
export interface EntityVersion {
  readonly stream: string;
  readonly commit: number;
  readonly committedAt: string;
  readonly runId: string;
  readonly request: { readonly method: string; readonly url: string };
  readonly fetchedAt: string;
  readonly slice: Readonly<Record<string, string>>;
  /** Where the record lies in the page; undefined where the stream's records lie at no fixed place. */
  readonly pointer: string | undefined;
  /** The last commit that holds the same version again. */
  readonly lastCommit: number;
  /** Undefined when the parser makes no such entity of this version. */
  readonly entity: EntityRow | undefined;
  /** Against the version before. */
  readonly changed: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
  /** Why it makes none. */
  readonly problem?: string;
}

export interface EntityHistory {
  readonly parser: string;
  readonly stream: string;
  /** All there are, of which `versions` are the newest. */
  readonly count: number;
  /** Oldest first. */
  readonly versions: readonly EntityVersion[];
}

/**
 * Where an entity came from: the record that the parser held when it yielded the entity, in every version that is stored,
 * each run through the parser as it is now (with what it is joined with as it is now). Undefined when the parser yields no
 * entity of this key. Reads the raw store only.
 */
export async function entityHistory(
  context: RunContext,
  parser: ParserDefinition,
  key: string,
  limit: number,
): Promise<EntityHistory | undefined> {
  const inputs = await openInputs(context, parser);
  const guard = openNetworkGuard();
  const listed = new Map(inputs.filter(isListed).map(({ definition }) => [definition.name, 0]));
  const everything: ReadPlan = { after: () => undefined, onlyNew: false, sinceListing: listed };
  try {
    const found = await yielded(context, parser, inputs, guard, everything, key);
    if (found.held === undefined) return undefined;
    const { stream } = found.held;
    const all = await versionsOf(inputs, found.held);
    const versions: EntityVersion[] = [];
    for (const { stored, commit, lastCommit } of all.slice(-limit)) {
      const instead = new Map([[stream, () => onePage([stored])]]);
      const made = await yielded(context, parser, inputs, guard, { ...everything, instead }, key);
      const { page, index } = stored;
      const base = inputs.find(({ definition }) => definition.name === stream)?.definition.source.recordsPointer;
      versions.push({
        stream,
        commit: commit.number,
        committedAt: commit.committedAt,
        runId: commit.runId,
        request: { method: page.request.method, url: page.request.url },
        fetchedAt: page.fetchedAt,
        slice: page.slice,
        pointer: base === undefined ? undefined : `${base}/${index}`,
        lastCommit,
        entity: made.row,
        changed: differences(versions.findLast(({ entity }) => entity !== undefined)?.entity, made.row),
        ...(made.row === undefined ? { problem: made.problem ?? 'the parser yields nothing for it' } : {}),
      });
    }
    return { parser: parser.name, stream, count: all.length, versions };
  } finally {
    guard.close();
  }
}

interface Yielded {
  readonly row: EntityRow | undefined;
  readonly held: Held | undefined;
  readonly problem: string | undefined;
}

/** The last entity of a key that the parser yields, and the record it held then. */
async function yielded(
  context: RunContext,
  parser: ParserDefinition,
  inputs: readonly OpenInput[],
  guard: NetworkGuard,
  plan: ReadPlan,
  key: string,
): Promise<Yielded> {
  const trail = new Trail();
  let found: Yielded = { row: undefined, held: undefined, problem: undefined };
  const datasets = openDatasets(inputs, plan, {
    trail,
    required: new Map(),
    outside: (work) => guard.outside(work),
    isLeftOut: () => false,
    reject: (stream, _stored, problem) => {
      if (plan.instead?.has(stream) !== true) return;
      found = {
        ...found,
        problem: `it does not match the schema: ${problem instanceof Error ? problem.message : canonicalJson(problem)}`,
      };
    },
  });
  try {
    const values = await injected(inputs, datasets);
    const each = (value: unknown, held: Held | undefined): void => {
      const parsed = parser.entity.safeParse(value);
      if (parsed.success && keyOf(parser, parsed.data) === key) found = { row: parsed.data, held, problem: undefined };
    };
    for await (const _moment of parserSteps({ parser, inputs: values, trail, guard, clock: context.host.clock, each }))
      context.signal.throwIfAborted();
  } catch (error) {
    if (!(error instanceof ParserThrew)) throw error;
    return { ...found, problem: error.message };
  }
  return found;
}

async function* onePage(records: readonly StoredRecord[]): AsyncIterable<readonly StoredRecord[]> {
  yield records;
}

/** The key as people write it: the value itself, or the JSON array of its parts. */
function keyOf(parser: ParserDefinition, row: EntityRow): string {
  const parts = (entityInfo(parser.entity)?.key ?? []).map((name) => row[name]);
  if (parts.length !== 1) return JSON.stringify(parts.map((part) => (typeof part === 'bigint' ? String(part) : part)));
  return String(parts[0]);
}

interface StoredVersion {
  readonly stored: StoredRecord;
  readonly commit: { readonly number: number; readonly committedAt: string; readonly runId: string };
  lastCommit: number;
}

/** Every version of a record, oldest first; one that is stored several times in a row is one version. */
async function versionsOf(inputs: readonly OpenInput[], { stream, stored }: Held): Promise<readonly StoredVersion[]> {
  const input = inputs.find(({ definition }) => definition.name === stream);
  if (input === undefined) return [];
  const { definition, raw, reader } = input;
  const keyOfRecord = recordKey(definition.primaryKey);
  const key = keyOfRecord(stored.exact ?? stored.record);
  const versions: StoredVersion[] = [];
  let last = '';
  for await (const commit of raw.commits()) {
    for await (const page of raw.pages({ after: commit.number - 1, upTo: commit.number })) {
      const { records, hasExact } = pageRecords(definition, page, reader.everyNumber);
      for (const [index, record] of records.entries()) {
        const isSame = key === undefined ? isSamePlace(stored, { page, index }) : keyOfRecord(record) === key;
        if (!isSame) continue;
        const plain = hasExact ? plainRecord(record) : record;
        const text = canonicalJson(plain);
        const before = versions.at(-1);
        if (before !== undefined && text === last) before.lastCommit = commit.number;
        else {
          versions.push({
            stored: hasExact ? { record: plain, exact: record, page, index } : { record: plain, page, index },
            commit,
            lastCommit: commit.number,
          });
        }
        last = text;
      }
    }
  }
  return versions;
}

function isSamePlace(a: Pick<StoredRecord, 'page' | 'index'>, b: Pick<StoredRecord, 'page' | 'index'>): boolean {
  return a.index === b.index && a.page.fetchedAt === b.page.fetchedAt && a.page.request.url === b.page.request.url;
}

function differences(before: EntityRow | undefined, after: EntityRow | undefined): EntityVersion['changed'] {
  if (before === undefined || after === undefined) return {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const pairs = names.map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }] as const);
  return Object.fromEntries(pairs.filter(([, pair]) => text(pair.before) !== text(pair.after)));
}

function text(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : canonicalJson(value ?? null);
}
