import { entityInfo } from '../model/entity.ts';
import type { ParserDefinition } from '../model/manifest.ts';
import { columnsOf } from '../sink/columns.ts';
import { ARCHIVED_AT, type Batch, type BatchTarget, type EntityRow } from '../sink/sink.ts';
import { type ListingTimes, archivedRecords, listingTimes } from './archived-records.ts';
import { keySet, type KeySet } from './key-set.ts';
import type { OpenInput } from './parser-inputs.ts';
import type { Quarantine } from './quarantine.ts';
import type { Trail } from './trail.ts';

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
  return definition.cursor === undefined && definition.primaryKey.length > 0;
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
export async function archiveTimes(inputs: readonly OpenInput[]): Promise<(trail: Trail) => Date> {
  const times = new Map<string, ListingTimes>();
  for (const { definition, raw } of inputs.filter(isListed)) times.set(definition.name, await listingTimes(raw));
  const fallback =
    [...times.values()]
      .flatMap((all) => all.after(Number.POSITIVE_INFINITY) ?? [])
      .sort()
      .at(-1) ?? '';
  return ({ held }) => new Date((held && times.get(held.stream)?.after(held.stored.page.listing)) ?? fallback);
}

/** Validates what a parser yields and hands it to a batch. */
export class EntityWriter {
  readonly #parser: ParserDefinition;
  readonly #batch: Batch;
  readonly #trail: Trail;
  readonly #live: KeySet | undefined;
  readonly #archives: boolean;
  #rows: EntityRow[] = [];
  #written = 0;

  /** `archives`: rows have the column of ARCHIVED_AT. `remembers`: the keys that are written are needed for a second pass. */
  constructor(
    parser: ParserDefinition,
    batch: Batch,
    trail: Trail,
    options: { readonly archives: boolean; readonly remembers: boolean },
  ) {
    this.#parser = parser;
    this.#batch = batch;
    this.#trail = trail;
    this.#archives = options.archives;
    this.#live = options.remembers ? keySet() : undefined;
  }

  /** Entities that were accepted. */
  get written(): number {
    return this.#written;
  }

  /** Resolves to true when the rows so far were handed over: a moment for progress and for stopping. */
  async live(value: unknown, quarantine: Quarantine): Promise<boolean> {
    const parsed = this.#parser.entity.safeParse(value);
    if (!parsed.success) {
      quarantine.add('entity', this.#trail.held, parsed.error, value);
      return false;
    }
    this.#live?.add(this.#keyOf(parsed.data));
    return this.#write(this.#archives ? { ...parsed.data, [ARCHIVED_AT.name]: null } : parsed.data);
  }

  /** An entity that is made from all that was ever listed: archived when the live ones do not have it. */
  async everListed(value: unknown, at: (trail: Trail) => Date): Promise<boolean> {
    const parsed = this.#parser.entity.safeParse(value);
    // What does not fit was told when it was live.
    if (!parsed.success || this.#live?.add(this.#keyOf(parsed.data)) !== true) return false;
    return this.#write({ ...parsed.data, [ARCHIVED_AT.name]: at(this.#trail) });
  }

  async end(): Promise<void> {
    if (this.#rows.length > 0) await this.#batch.write(this.#rows.splice(0));
    this.#live?.close();
  }

  async #write(row: EntityRow): Promise<boolean> {
    this.#written += 1;
    this.#rows.push(row);
    if (this.#rows.length < ROWS_PER_WRITE) return false;
    await this.#batch.write(this.#rows.splice(0));
    return true;
  }

  #keyOf(row: EntityRow): string {
    return JSON.stringify((entityInfo(this.#parser.entity)?.key ?? []).map((name) => String(row[name])));
  }
}
