import { join } from 'node:path';

/** The folders of one connection. */
export interface ConnectionPaths {
  readonly folder: string;
  /** The root of the raw store's blob keys. */
  readonly root: string;
  readonly parsed: string;
  readonly duckdb: string;
  readonly jsonl: string;
  readonly runs: string;
}

export function connectionPaths(dataDir: string, integration: string, connection: string): ConnectionPaths {
  const folder = join(dataDir, integration, connection);
  const parsed = join(folder, 'parsed');
  return {
    folder,
    root: folder,
    parsed,
    duckdb: join(parsed, 'entities.duckdb'),
    jsonl: join(parsed, 'jsonl'),
    runs: join(folder, 'runs'),
  };
}
