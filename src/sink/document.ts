import { z } from 'zod';
import { SassyError } from '../errors/sassy-error.ts';
import { isObject } from '../util/json.ts';
import { StoredColumns } from './generation-shape.ts';
import type { EntityRow } from './sink.ts';

/** A place that holds one text, and changes it in one step: a file that is renamed, a row, an object with an ETag. */
export interface DocumentStore {
  /** What was saved last, and what tells it from what was there before; undefined when nothing ever was. */
  load(): Promise<SavedDocument | undefined>;
  /**
   * Puts `content` in the place of the document of that version (undefined: of none), whole or not at all, and durable
   * when it resolves. False when another one has been saved meanwhile; then nothing is changed. A process saves one at a time.
   */
  save(content: string, before: string | undefined): Promise<boolean>;
}

export interface SavedDocument {
  readonly content: string;
  readonly version: string;
}

const StoredGeneration = z.object({
  parser: z.string(),
  generation: z.number(),
  table: z.string(),
  key: z.array(z.string()),
  columns: StoredColumns,
  stored: StoredColumns,
  commits: z.record(z.string(), z.number()),
  codeHash: z.string(),
  present: z.boolean(),
  /** Another one after each commit. */
  version: z.number(),
  /** Key → the entity as a line of JSON. */
  entities: z.array(z.tuple([z.string(), z.string()])),
});

export type StoredGeneration = z.infer<typeof StoredGeneration>;

const Content = z.object({ format: z.literal(1), generations: z.array(StoredGeneration) });

/** Makes the generations of a document others; an exception leaves it as it is. May be called again. */
export type Change = (generations: readonly StoredGeneration[]) => readonly StoredGeneration[];

/** Reads and changes a document, whoever else does so too. */
export interface Document {
  read(): Promise<readonly StoredGeneration[]>;
  change(change: Change): Promise<void>;
}

/** An entity as its line has it. */
export function rowOf(line: string): EntityRow {
  const row: unknown = JSON.parse(line);
  return isObject(row) ? row : {};
}

/** How often somebody else may save first: enough for any number of parsers, and an end for a store that never saves. */
const ATTEMPTS = 100;

/** The document in a store. */
export function documentOf(store: DocumentStore): Document {
  const load = async (): Promise<{ generations: readonly StoredGeneration[]; version: string | undefined }> => {
    const saved = await store.load();
    if (saved === undefined) return { generations: [], version: undefined };
    return { generations: Content.parse(JSON.parse(saved.content)).generations, version: saved.version };
  };
  const changed = async (change: Change): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { generations, version } = await load();
      const next = { format: 1, generations: change(generations) };
      if (await store.save(JSON.stringify(next), version)) return;
    }
    throw new SassyError('FENCED', { message: 'others save to the sink all the time' });
  };
  let lastTurn: Promise<void> = Promise.resolve();
  return {
    read: async () => (await load()).generations,
    async change(change) {
      const turn = lastTurn.then(() => changed(change));
      lastTurn = turn.catch(() => undefined);
      return turn;
    },
  };
}
