import type { StoredPage } from '../../model/page.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { exactFields, withProtoFields } from './exact-fields.ts';
import type { JsonSchemaCheck } from './json-schema.ts';
import type { StoredRecord } from './page-records.ts';
import { type PageReader, pageReader } from './page-reader.ts';
import { plainReader } from './plain-reader.ts';
import { NOT_PLAIN } from './plain-schema.ts';
import type { Problem } from './quarantine-entry.ts';

/** A stored record as its stream's schema gives it, or why it does not. */
export type RecordReader = (
  stored: StoredRecord,
) => { readonly success: true; readonly data: unknown } | { readonly success: false; readonly error: unknown };

export interface ReaderOf {
  readonly read: RecordReader;
  /** Reads most records without making them first; undefined where it cannot. */
  readonly pages: PageReader | undefined;
  /** See `RecordRange.everyNumber`. */
  readonly everyNumber: boolean;
}

/**
 * The way from stored to validated records of one stream; made once for a run. `check`: the vendor's own schema. `looksAt`:
 * pointers to what is looked at besides, in the validated record where there is one.
 */
export function recordReader(
  definition: StreamDefinition,
  check: JsonSchemaCheck | undefined,
  looksAt: readonly string[] = [],
): ReaderOf {
  const { record: schema, primaryKey } = definition;
  const exact = exactFields(schema);
  const plain = exact.always ? undefined : plainReader(schema);
  // Asked once for each page, not for each record of it.
  let asked: { readonly page: StoredPage; readonly answer: boolean } | undefined;
  const mentionsProto = (page: StoredPage): boolean => {
    if (asked?.page !== page)
      asked = { page, answer: page.body.kind === 'json' && page.body.bytes.includes('__proto__"') };
    return asked.answer;
  };
  const refused = (issues: readonly Problem[]): ReturnType<RecordReader> => ({ success: false, error: { issues } });
  const read: RecordReader = (stored) => {
    if (stored.data !== undefined) return { success: true, data: stored.data };
    if (stored.problem !== undefined) return refused([{ path: '', message: stored.problem }]);
    try {
      const wrong = check?.(stored.record) ?? [];
      if (wrong.length > 0) return refused(wrong);
      if (plain !== undefined && stored.exact === undefined && !(plain.asksZod && mentionsProto(stored.page))) {
        const data = plain.read(stored.record);
        if (data !== NOT_PLAIN) return { success: true, data };
      }
      let value = stored.exact ?? stored.record;
      if (exact.always || stored.exact !== undefined) {
        const converted = exact.convert(value);
        if (converted.problems.length > 0) return refused(converted.problems);
        value = converted.record;
      }
      const parsed = schema.safeParse(value);
      if (!parsed.success) return parsed;
      return mentionsProto(stored.page) ? { success: true, data: withProtoFields(value, parsed.data) } : parsed;
    } catch (error) {
      // A record that is nested too deeply for the stack, or a refinement that throws.
      return refused([{ path: '', message: error instanceof Error ? error.message : String(error) }]);
    }
  };
  const pages = check !== undefined || exact.always ? undefined : pageReader(definition, [...primaryKey, ...looksAt]);
  return { read, pages, everyNumber: exact.everyNumber };
}
