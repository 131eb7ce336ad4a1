import { SassyError } from '../../errors/sassy-error.ts';
import { entityInfo } from '../../model/entity.ts';
import { showStream } from '../../runtime/dataset/show.ts';
import type { EntityRow } from '../../sink/sink.ts';
import { isObject } from '../../util/json.ts';
import { closest } from '../../util/did-you-mean.ts';
import type { Answer } from '../environment.ts';
import { jsonLine } from '../render/json-line.ts';
import { renderTable } from '../render/table.ts';
import type { Session } from '../session.ts';
import { withFirstSink } from '../sinks.ts';

export interface ShowFlags {
  readonly limit: number | undefined;
  /** Every version of a stream's records. */
  readonly all: boolean;
}

const ROWS_ON_A_TERMINAL = 20;

/** `sassy run <i> show <stream or Entity>`: NDJSON when piped or `--json`, a table on a terminal. */
export async function showCommand(session: Session, name: string, flags: ShowFlags): Promise<Answer> {
  const { stdout } = session.environment;
  const asTable = stdout.isTTY && !session.options.json;
  const limit = flags.limit ?? (asTable ? ROWS_ON_A_TERMINAL : undefined);
  const rows: EntityRow[] = [];
  await eachLine(session, name, { ...flags, limit }, async (line) => {
    if (!asTable) return stdout.write(`${line}\n`);
    const row: unknown = JSON.parse(line);
    rows.push(isObject(row) ? row : { value: row });
  });
  return { exitCode: 0, json: undefined, text: renderTable(rows.map(flattened), { width: stdout.columns }) };
}

async function eachLine(
  session: Session,
  name: string,
  options: { readonly all: boolean; readonly limit: number | undefined },
  take: (line: string) => Promise<void>,
): Promise<void> {
  const { manifest, blobs } = session;
  const stream = manifest.streams.find((item) => item.name === name);
  if (stream !== undefined) {
    for await (const line of showStream(blobs, stream, options)) await take(line);
    return;
  }
  const entities = manifest.entities.flatMap((entity) => entityInfo(entity) ?? []);
  const entity = entities.find((info) => info.name === name || info.table === name);
  if (entity === undefined) throw unknownName(name, [...manifest.streams, ...entities]);
  await withFirstSink(session, async (sink) => {
    for await (const row of sink.read(entity.table, options.limit)) await take(jsonLine(row));
  });
}

function unknownName(name: string, there: readonly { readonly name: string }[]): SassyError {
  const names = there.map((item) => item.name);
  const nearest = closest(name, names);
  return new SassyError('UNKNOWN_STREAM', {
    message: `there is no stream or entity ${JSON.stringify(name)}`,
    why: `there are: ${names.join(', ')}`,
    fix: nearest === undefined ? 'name one of them' : `did you mean ${nearest}?`,
  });
}

/** JSON:API keeps what people look for in `attributes`: one level is laid open for the table. */
function flattened(row: EntityRow): EntityRow {
  const { attributes, relationships: _links, ...rest } = row;
  return isObject(attributes) ? { ...rest, ...attributes } : row;
}
