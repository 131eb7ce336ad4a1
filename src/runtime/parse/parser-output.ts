import { entityInfo } from '../../model/entity.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import { columnsOf } from '../../sink/columns.ts';
import { entityEncoder, rowCheck } from '../../sink/entity-encoder.ts';
import { lineWriter } from '../../sink/entity-lines.ts';
import {
  ARCHIVED_AT,
  type Batch,
  type BatchTarget,
  type EntityLines,
  type EntityRow,
  type StoredEntity,
} from '../../sink/sink.ts';
import { PRINT_WORDS } from '../../util/fingerprint.ts';
import { isObject } from '../../util/json.ts';
import { type ListingTimes, archivedRecords, listingTimes } from '../dataset/archived-records.ts';
import { keySet, type KeySet } from '../dataset/key-set.ts';
import { safeReader } from '../dataset/plain-reader.ts';
import type { OpenInput } from './parser-inputs.ts';
import type { Quarantine } from './quarantine.ts';
import type { Held } from '../dataset/trail.ts';

/** Rows handed to a sink at once, and characters of those that are lines. */
const ROWS_PER_WRITE = 1_000;
const LENGTH_PER_WRITE = 2 ** 18;

/** What a parser fills in a sink. */
export function targetOf(parser: ParserDefinition, archives: boolean): BatchTarget {
  const entity = entityInfo(parser.entity);
  if (entity === undefined) throw new Error(`${parser.name} has no entity`);
  const columns = columnsOf(parser.entity);
  return { parser: parser.name, entity, columns: archives ? [...columns, ARCHIVED_AT] : columns };
}

/** What a parser yields as its entity's schema gives it, or why it does not. */
export function entityReader({
  entity,
}: ParserDefinition): (
  value: unknown,
) => { readonly row: EntityRow; readonly error?: undefined } | { readonly row?: undefined; readonly error: unknown } {
  const read = safeReader(entity);
  return (value) => {
    const parsed = read(value);
    if (!parsed.success) return { error: parsed.error };
    return isObject(parsed.data) ? { row: parsed.data } : { error: new Error('it is no object') };
  };
}

/**
 * True for a parser whose entities are archived when a complete listing no longer shows them: it yields all there is each
 * time, because none of its inputs is incremental, and one of them is a stream that is listed in full. A parser that asks
 * for the archived records, or whose entity has a field `archivedAt`, does it by itself.
 */
export function archivesOf(parser: ParserDefinition, inputs: readonly OpenInput[]): boolean {
  if (Object.hasOwn(parser.entity.shape, ARCHIVED_AT.name)) return false;
  return inputs.every(({ input }) => input.mode === 'full_refresh' || input.mode === 'latest') && inputs.some(isListed);
}

export function isListed({ definition }: OpenInput): boolean {
  const isListedInFull = definition.cursor === undefined || definition.fullEvery !== undefined;
  return isListedInFull && definition.primaryKey.length > 0;
}

/** True when every listed input has a complete listing, and one of them has keys that it no longer shows. */
export async function hasArchived(inputs: readonly OpenInput[], since: ReadonlyMap<string, number>): Promise<boolean> {
  const listed = inputs.filter(isListed);
  if (listed.some(({ raw }) => raw.head?.state.listing?.complete === undefined)) return false;
  for (const { definition, raw } of listed) {
    const from = since.get(definition.name) ?? 0;
    if (from === raw.head?.state.listing?.complete) continue;
    for await (const _gone of archivedRecords(raw, definition, { upTo: raw.head?.number ?? 0, since: from }))
      return true;
  }
  return false;
}

/** Since when an entity is archived, by the record that it was made from. */
export async function archiveTimes(inputs: readonly OpenInput[]): Promise<(held: Held | undefined) => Date> {
  const times = new Map<string, ListingTimes>();
  for (const { definition, raw } of inputs.filter(isListed)) times.set(definition.name, await listingTimes(raw));
  const fallback =
    [...times.values()]
      .flatMap((all) => all.after(Number.POSITIVE_INFINITY) ?? [])
      .sort()
      .at(-1) ?? '';
  return (held) => new Date((held && times.get(held.stream)?.after(held.stored.page.listing)) ?? fallback);
}

export interface EntityWriterOptions {
  readonly parser: ParserDefinition;
  readonly target: BatchTarget;
  readonly batch: Batch;
  /** Rows have the column of ARCHIVED_AT. */
  readonly archives: boolean;
  /** The keys that are written are needed for a second pass. */
  readonly remembers: boolean;
}

/** Validates what a parser yields and hands it to a batch. */
export class EntityWriter {
  readonly #options: EntityWriterOptions;
  readonly #read: ReturnType<typeof entityReader>;
  readonly #keyOf: (row: EntityRow) => string;
  readonly #rows: Rows;
  readonly #live: KeySet | undefined;
  #written = 0;

  constructor(options: EntityWriterOptions) {
    const { parser, target, batch, remembers } = options;
    this.#options = options;
    this.#read = entityReader(parser);
    this.#keyOf = rowCheck(target).keyOf;
    this.#rows = rowsInto(target, batch);
    this.#live = remembers ? keySet() : undefined;
  }

  /** Entities that were accepted. */
  get written(): number {
    return this.#written;
  }

  /** What the parser has yielded of a live record. */
  live(value: unknown, held: Held | undefined, quarantine: Quarantine): void {
    const { row, error } = this.#read(value);
    if (row === undefined) quarantine.add('entity', held, error, value);
    else this.#add(this.#options.archives ? { ...row, [ARCHIVED_AT.name]: null } : row);
  }

  /** The same, validated and encoded elsewhere. Of a sink with `writeEncoded` only. */
  async encoded(entities: readonly StoredEntity[]): Promise<void> {
    for (const { key } of entities) this.#live?.add(key);
    this.#written += entities.length;
    await this.#options.batch.writeEncoded?.(entities);
  }

  /** The same for a sink that takes lines. */
  async lines(lines: EntityLines): Promise<void> {
    for (let at = 0; at < lines.keys.length; at += PRINT_WORDS) this.#live?.addPrint(lines.keys, at);
    this.#written += lines.ends.length;
    await this.#options.batch.lines?.write(lines);
  }

  /** An entity that is made from all that was ever listed: archived when the live ones do not have it. */
  everListed(value: unknown, archivedAt: Date): void {
    const { row } = this.#read(value);
    // What does not fit was told when it was live.
    if (row !== undefined) this.#add({ ...row, [ARCHIVED_AT.name]: archivedAt }, true);
  }

  /** Hands over what has come together, once it is worth it. */
  async flush(): Promise<void> {
    if (this.#rows.isWorthIt()) await this.#rows.handOver();
  }

  async end(): Promise<void> {
    await this.#rows.handOver();
    this.#live?.close();
  }

  #add(row: EntityRow, onlyNew = false): void {
    if (this.#live?.add(this.#keyOf(row)) === false && onlyNew) return;
    this.#rows.add(row);
    this.#written += 1;
  }
}

/** Rows on their way into a batch, in the form that it takes most easily. */
interface Rows {
  add(row: EntityRow): void;
  isWorthIt(): boolean;
  handOver(): Promise<void>;
}

function rowsInto(target: BatchTarget, batch: Batch): Rows {
  const { lines } = batch;
  if (lines !== undefined) {
    const writer = lineWriter(target, lines.form);
    return {
      add: (row) => void writer.add(row),
      isWorthIt: () => writer.length >= LENGTH_PER_WRITE,
      handOver: async () => {
        if (writer.rows > 0) await lines.write(writer.take());
      },
    };
  }
  const rows: EntityRow[] = [];
  const entities: StoredEntity[] = [];
  const encode = entityEncoder(target);
  const isEncoded = batch.writeEncoded !== undefined;
  return {
    add: (row) => void (isEncoded ? entities.push(encode(row)) : rows.push(row)),
    isWorthIt: () => rows.length + entities.length >= ROWS_PER_WRITE,
    async handOver() {
      if (rows.length > 0) await batch.write(rows.splice(0));
      if (entities.length > 0) await batch.writeEncoded?.(entities.splice(0));
    },
  };
}
