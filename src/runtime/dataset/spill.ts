import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * A key → text map in a temporary SQLite file, for what does not fit into memory. It holds copies of raw data, so the
 * file is readable by its owner alone and unlinked as soon as it is open.
 */
export interface Spill {
  /** True when the key was not there. */
  insert(key: string, value: string): boolean;
  replace(key: string, value: string): void;
  get(key: string): string | undefined;
  close(): void;
}

export function openSpill(): Spill {
  const folder = mkdtempSync(join(tmpdir(), 'sassy-'));
  const database = new DatabaseSync(join(folder, 'spill.sqlite'));
  database.exec('pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive;');
  database.exec('create table item (key text primary key, value text not null) without rowid; begin;');
  rmSync(folder, { recursive: true, force: true });
  const insert = database.prepare('insert or ignore into item values (?, ?)');
  const replace = database.prepare('insert or replace into item values (?, ?)');
  const select = database.prepare('select value from item where key = ?');
  return {
    insert: (key, value) => Number(insert.run(key, value).changes) === 1,
    replace: (key, value) => void replace.run(key, value),
    get: (key) => {
      const row = select.get(key);
      return typeof row?.['value'] === 'string' ? row['value'] : undefined;
    },
    close: () => database.close(),
  };
}
