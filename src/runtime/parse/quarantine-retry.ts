import type { ParserDefinition } from '../../model/manifest.ts';
import type { Sink } from '../../sink/sink.ts';
import { openNetworkGuard } from './network-guard.ts';
import { prepareParser, type ParserOutcome } from './parser-run.ts';
import type { StoredRecord } from '../dataset/page-records.ts';
import { originId } from '../dataset/quarantine-entry.ts';
import { quarantineFolder, readQuarantine } from './quarantine-files.ts';
import type { QuarantinedLine } from './quarantine-line.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Runs parsers again over what lies in their quarantine: of incremental inputs only those records, each in its newest
 * version; of all others everything, as every parse does. What fits now goes to the sinks and out of quarantine; positions
 * do not move, and there is no budget. Parsers with an empty quarantine are not run. The outcomes are those of the first
 * sink, or of the one that failed.
 */
export async function retryQuarantine(
  context: RunContext,
  sinks: readonly Sink[],
  parsers: readonly ParserDefinition[],
  codeHash: (parser: ParserDefinition) => string,
): Promise<readonly ParserOutcome[]> {
  const guard = openNetworkGuard();
  const outcomes: ParserOutcome[] = [];
  try {
    for (const parser of parsers) {
      context.signal.throwIfAborted();
      const folder = quarantineFolder(context.paths.parsed, parser.name);
      const before = await readQuarantine(context.host, folder);
      if (before.length === 0) continue;
      const ofSinks: ParserOutcome[] = [];
      // The first sink last: it clears the files, which tell what to try until then.
      for (const [index, sink] of [...sinks.entries()].toReversed()) {
        const wanted = wantedRecords(parser, before);
        const prepared = await prepareParser(
          context,
          sink,
          parser,
          {
            mode: 'retry',
            codeHash: codeHash(parser),
            diff: false,
            dryRun: false,
            only: wanted.only,
            keeps: wanted.notTried,
            writesQuarantine: index === 0,
          },
          guard,
        );
        ofSinks.unshift(await prepared.commit());
        if (ofSinks[0]?.error !== undefined) break;
      }
      const outcome = ofSinks.find(({ error }) => error !== undefined) ?? ofSinks[0];
      if (outcome === undefined) continue;
      const remaining = (await readQuarantine(context.host, folder)).length;
      const retried = { before: before.length, home: Math.max(0, before.length - remaining) };
      outcomes.push({ ...outcome, result: { ...outcome.result, quarantined: remaining, retried } });
    }
  } finally {
    guard.close();
  }
  return outcomes;
}

interface Wanted {
  readonly only: (stream: string) => (key: string | undefined, stored: StoredRecord) => boolean;
  /** What only a restream can try: its record is no longer stored, or it came with no record. */
  readonly notTried: () => readonly QuarantinedLine[];
}

function wantedRecords(parser: ParserDefinition, lines: readonly QuarantinedLine[]): Wanted {
  const incremental = new Set(parser.inputs.flatMap(({ mode, stream }) => (mode === 'incremental' ? [stream] : [])));
  const byKey = new Map<string, QuarantinedLine[]>();
  const byId = new Map<string, QuarantinedLine>();
  for (const line of lines) {
    const { stream, key, id } = line.entry;
    byId.set(id, line);
    if (key !== undefined) byKey.set(`${stream}\n${key}`, [...(byKey.get(`${stream}\n${key}`) ?? []), line]);
  }
  const tried = new Set<QuarantinedLine>();
  return {
    only: (stream) => (key, stored) => {
      const own = key === undefined ? byId.get(originId(stream, stored)) : undefined;
      const found = key === undefined ? (own === undefined ? [] : [own]) : (byKey.get(`${stream}\n${key}`) ?? []);
      for (const line of found) tried.add(line);
      return found.length > 0;
    },
    notTried: () =>
      lines.filter((line) => {
        const { stream } = line.entry;
        // A parser without an incremental input has made everything again.
        return incremental.size > 0 && (incremental.has(stream) || stream === parser.name) && !tried.has(line);
      }),
  };
}
