import { SassyError } from '../../errors/sassy-error.ts';
import type { PostgresSession } from './postgres-client.ts';
import { identifier, literal, quoted, shown, stored, TYPES } from './postgres-sql.ts';
import type { Column } from '../sink.ts';

/** A generation, as far as a view needs it. */
export interface ShownGeneration {
  readonly table: string;
  readonly physical: string;
  readonly columns: readonly Column[];
  readonly present: boolean;
}

interface Schemas {
  readonly shown: string;
  readonly own: string;
}

/** What tells a view of ours from one that was there before. */
const COMMENT = 'kept by sassy';

/**
 * Makes the view that people read: the present generation of every parser that yields this table. Views and rights of
 * others that hang on it stay: it is changed in place where only columns came to it, which go to the end. Part of the
 * caller's transaction.
 *
 * @throws SassyError SINK_FAILED when the name is taken by something that is not ours
 */
export async function writeView(
  session: PostgresSession,
  schemas: Schemas,
  table: string,
  generations: readonly ShownGeneration[],
): Promise<void> {
  const present = generations.filter((one) => one.present && one.table === table);
  const view = `${quoted(schemas.shown)}.${shown(table)}`;
  const before = await viewColumns(session, view);
  if (before !== undefined && before.comment?.startsWith(COMMENT) !== true) {
    throw new SassyError('SINK_FAILED', {
      message: `there is a ${before.kind} ${view} already, and it is not one that sassy made`,
      fix: 'rename it, or give the connection another schema: { sink: "postgres", schemas: { … } } in sassy.config.ts',
    });
  }
  if (present.length === 0) {
    await session.run(`DROP VIEW IF EXISTS ${view}`);
    return;
  }
  const columns = commonColumns(present);
  const names = new Map(columns.map((column) => [identifier(column.name), column]));
  const stays = before?.columns.every(
    ({ name, type }) => TYPES[names.get(name)?.type ?? 'text'] === type && names.has(name),
  );
  const old = stays === true ? (before?.columns.map(({ name }) => name) ?? []) : [];
  const order = [...old, ...[...names.keys()].filter((name) => !old.includes(name))];
  const sorted = order.flatMap((name) => names.get(name) ?? []);
  const grants = before === undefined || stays === true ? [] : await rights(session, view);
  if (before !== undefined && stays !== true) await session.run(`DROP VIEW ${view}`);
  await session.run(`CREATE OR REPLACE VIEW ${view} AS ${unionSql(schemas.own, present, sorted)}`);
  await session.run(
    `COMMENT ON VIEW ${view} IS ${literal(`${COMMENT}: changed by "sassy run … parse" and "restream" only`)}`,
  );
  for (const grant of grants) await session.run(grant);
}

/** The rows of several generations in one, by the names of the columns. */
export function unionSql(
  own: string,
  parts: readonly Pick<ShownGeneration, 'physical' | 'columns'>[],
  columns: readonly Column[],
): string {
  const selects = parts.map((part) => {
    const fields = columns.map(({ name, type }) => {
      const column = part.columns.find((one) => one.name === name);
      const cast = column?.type === type ? '' : `::${TYPES[type]}`;
      return `${column === undefined ? 'NULL' : stored(name)}${cast} AS ${shown(name)}`;
    });
    return `SELECT ${fields.join(', ')} FROM ${quoted(own)}.${quoted(part.physical)}`;
  });
  return selects.join(' UNION ALL ');
}

/** All columns; one that has several types is a number where all are, else text. */
export function commonColumns(parts: readonly Pick<ShownGeneration, 'columns'>[]): readonly Column[] {
  const all = new Map<string, Column>();
  for (const column of parts.flatMap((part) => part.columns)) {
    const other = all.get(column.name);
    all.set(column.name, other === undefined ? column : { ...other, type: commonType(other.type, column.type) });
  }
  return [...all.values()];
}

function commonType(a: Column['type'], b: Column['type']): Column['type'] {
  if (a === b) return a;
  return [a, b].every((type) => type === 'integer' || type === 'number') ? 'number' : 'text';
}

interface Existing {
  readonly kind: string;
  readonly comment: string | null | undefined;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

async function viewColumns(session: PostgresSession, view: string): Promise<Existing | undefined> {
  const { rows } = await session.all(
    `SELECT c.relkind, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod)
     FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.oid = to_regclass($1) ORDER BY a.attnum`,
    [view],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    kind: first[0] === 'v' ? 'view' : 'table',
    comment: first[0] === 'v' ? first[1] : null,
    columns: rows.map((row) => ({ name: row[2] ?? '', type: row[3] ?? '' })),
  };
}

/** What gives others the rights on a view again that they have now. */
async function rights(session: PostgresSession, view: string): Promise<readonly string[]> {
  const { rows } = await session.all(
    `SELECT x.privilege_type, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, x.is_grantable
     FROM pg_class c, aclexplode(c.relacl) x WHERE c.oid = to_regclass($1) AND x.grantee <> c.relowner ORDER BY 2, 1`,
    [view],
  );
  return rows.map(
    ([right, to, mayGrant]) => `GRANT ${right} ON ${view} TO ${to}${mayGrant === 't' ? ' WITH GRANT OPTION' : ''}`,
  );
}
