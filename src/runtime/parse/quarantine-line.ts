import type { StreamDefinition } from '../../model/stream.ts';
import { elementTexts } from '../../util/json-text.ts';
import { isObject } from '../../util/json.ts';
import { originId, problemsOf, type QuarantineEntry } from '../dataset/quarantine-entry.ts';
import { recordKey } from '../dataset/record-key.ts';
import type { Held } from '../dataset/trail.ts';

/** One line of the file, and what commands tell of it. */
export interface QuarantinedLine {
  readonly entry: QuarantineEntry;
  readonly line: string;
}

export interface LineOptions {
  readonly parser: string;
  readonly runId: string;
  /** Tells those apart that came with no record in hand. */
  readonly number: number;
  /** The record's. */
  readonly stream: StreamDefinition | undefined;
}

/** The line of a record or an entity that does not fit, or of a record at which the parser threw. */
export function quarantineLine(
  { parser, runId, number, stream: definition }: LineOptions,
  kind: QuarantineEntry['kind'],
  held: Held | undefined,
  error: unknown,
  entity: unknown,
): QuarantinedLine {
  const problems = problemsOf(error);
  if (held === undefined) {
    const entry = { id: `${runId}-${number}`, kind, stream: parser, problems, entity, runId };
    return { entry, line: plainJson(entry) };
  }
  const { stream, stored } = held;
  const { page, index } = stored;
  const base = definition?.source.recordsPointer;
  const text =
    base === undefined || page.body.kind !== 'json' ? undefined : elementTexts(page.body.text, base)?.[index];
  const entry: QuarantineEntry = {
    id: originId(stream, stored),
    kind,
    stream,
    key: definition && recordKey(definition.primaryKey)(stored.exact ?? stored.record),
    problems,
    ...(entity === undefined ? {} : { entity }),
    request: { method: page.request.method, url: page.request.url },
    fetchedAt: page.fetchedAt,
    slice: page.slice,
    index,
    ...(base === undefined ? {} : { pointer: `${base}/${index}` }),
    runId,
  };
  // The record as the vendor spelled it, cut out of the page: numbers are not rounded on their way through here.
  const record = text ?? plainJson(stored.record ?? null);
  return { entry, line: `${plainJson(entry).slice(0, -1)},"record":${record}}` };
}

/** JSON of what may hold bigints; a value that JSON cannot hold is told as text. */
function plainJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  } catch (error) {
    const note = error instanceof Error ? error.message : 'it cannot be shown';
    return JSON.stringify(isObject(value) ? { ...value, entity: `(${note})` } : `(${note})`);
  }
}
