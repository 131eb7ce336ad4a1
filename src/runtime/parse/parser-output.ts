import { entityInfo } from '../../model/entity.ts';
import type { ParserDefinition } from '../../model/manifest.ts';
import { columnsOf } from '../../sink/columns.ts';
import { entityEncoder } from '../../sink/entity-encoder.ts';
import { ARCHIVED_AT, type Batch, type BatchTarget, type EntityRow, type StoredEntity } from '../../sink/sink.ts';
import { type ListingTimes, archivedRecords, listingTimes } from '../dataset/archived-records.ts';
import { keySet, type KeySet } from '../dataset/key-set.ts';
import type { OpenInput } from './parser-inputs.ts';
import type { Quarantine } from './quarantine.ts';
import type { Held } from '../dataset/trail.ts';

/** Rows handed to a sink at once. */
const ROWS_PER_WRITE = 1_000;

/** What a parser fills in a sink. */
export function targetOf(parser: ParserDefinition, archives: boolean): BatchTarget {
  const entity = entityInfo(parser.entity);
  if (entity === undefined) throw new Error(`${parser.name} has no entity`);
  const columns = columnsOf(parser.entity);
  return { parser: parser.name, entity, columns: archives ? [...columns, ARCHIVED_AT] : columns };
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
  readonly #encode: ReturnType<typeof entityEncoder>;
  readonly #live: KeySet | undefined;
  #rows: EntityRow[] = [];
  #entities: StoredEntity[] = [];
  #written = 0;

  constructor(options: EntityWriterOptions) {
    this.#options = options;
    this.#encode = entityEncoder(options.target);
    this.#live = options.remembers ? keySet() : undefined;
  }

  /** Entities that were accepted. */
  get written(): number {
    return this.#written;
  }

  /** What the parser has yielded of a live record. */
  live(value: unknown, held: Held | undefined, quarantine: Quarantine): void {
    const { parser, archives } = this.#options;
    const parsed = parser.entity.safeParse(value);
    if (!parsed.success) quarantine.add('entity', held, parsed.error, value);
    else this.#add(archives ? { ...parsed.data, [ARCHIVED_AT.name]: null } : parsed.data);
  }

  /** The same, validated and encoded elsewhere. Of a sink with `writeEncoded` only. */
  encoded(entity: StoredEntity): void {
    this.#live?.add(entity.key);
    this.#written += 1;
    this.#entities.push(entity);
  }

  /** An entity that is made from all that was ever listed: archived when the live ones do not have it. */
  everListed(value: unknown, archivedAt: Date): void {
    const parsed = this.#options.parser.entity.safeParse(value);
    // What does not fit was told when it was live.
    if (parsed.success) this.#add({ ...parsed.data, [ARCHIVED_AT.name]: archivedAt }, true);
  }

  /** Hands over what has come together, once it is worth it. */
  async flush(least = ROWS_PER_WRITE): Promise<void> {
    const { batch } = this.#options;
    if (this.#rows.length >= least) await batch.write(this.#rows.splice(0));
    if (this.#entities.length >= least) await batch.writeEncoded?.(this.#entities.splice(0));
  }

  async end(): Promise<void> {
    await this.flush(1);
    this.#live?.close();
  }

  #add(row: EntityRow, onlyNew = false): void {
    const { batch } = this.#options;
    if (batch.writeEncoded === undefined && this.#live === undefined) {
      this.#rows.push(row);
    } else {
      const entity = this.#encode(row);
      if (this.#live?.add(entity.key) === false && onlyNew) return;
      if (batch.writeEncoded === undefined) this.#rows.push(row);
      else this.#entities.push(entity);
    }
    this.#written += 1;
  }
}
