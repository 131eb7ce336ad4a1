import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import type { Keep, Retention } from '../../model/retention.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import {
  parsedPositions,
  type ParsedPositions,
  retainStreams,
  type StreamRetention,
} from '../../runtime/upkeep/retention-run.ts';
import { retentionOfConnection } from '../config/retention-config.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { withProgress } from '../progress.ts';
import { byteSize, count, counted } from '../render/numbers.ts';
import { resultHead } from '../result-head.ts';
import { locked, runContext, type Session } from '../session.ts';
import { sinkChoices, withSink } from '../sinks.ts';

export interface RetainFlags {
  readonly streams: readonly string[] | undefined;
  readonly keep: Keep | undefined;
  readonly maxBytes: number | undefined;
  readonly dryRun: boolean;
}

/**
 * `sassy run <i> retain`: removes raw versions that a newer one has taken the place of, as far as flags, `sassy.config.ts`
 * or the streams' own options let them go. With `--dry-run` it takes no lock.
 */
export async function retainCommand(session: Session, flags: RetainFlags): Promise<Answer> {
  const { manifest } = session;
  knownNames('UNKNOWN_STREAM', 'stream', flags.streams, manifest.streams);
  const streams = manifest.streams
    .filter(({ name }) => flags.streams?.includes(name) ?? true)
    .flatMap((definition) => {
      const retention = retentionOf(session, definition, flags);
      return retention === undefined ? [] : [{ definition, retention }];
    });
  if (streams.length === 0) {
    throw new SassyError('USAGE', {
      message: 'nothing says how long raw data is to be kept, so all of it is',
      fix: "name it: --keep 90d or --max-bytes 2GB; or `keep: '90d'` in the stream's options",
    });
  }
  const done = await withProgress(session, async (progress) => {
    const context = runContext(session, progress);
    const parsed = (): Promise<ParsedPositions> => positions(session);
    if (flags.dryRun) return retainStreams(context, { streams, parsed: await parsed(), lock: undefined });
    return locked(session, 'retain', async (lock) => retainStreams(context, { streams, parsed: await parsed(), lock }));
  });
  const exitCode = done.some(({ uncut, heldBack }) => uncut + heldBack > 0) ? 6 : 0;
  const json = {
    command: 'retain',
    ...resultHead(session, exitCode, []),
    runId: session.runId,
    dryRun: flags.dryRun,
    streams: done,
  };
  return { exitCode, json, text: done.map((stream) => linesOf(session, stream, flags.dryRun)).join('') };
}

/** Flags, then what the project says of the connection, then the stream's own. */
function retentionOf(session: Session, definition: StreamDefinition, flags: RetainFlags): Retention | undefined {
  const ofConnection = retentionOfConnection(session.projectConfig.retention, {
    integration: session.manifest.name,
    connection: session.connection,
  });
  const asked = { ...definition.retention, ...ofConnection };
  const keep = flags.keep ?? asked.keep;
  const maxBytes = flags.maxBytes ?? asked.maxBytes;
  // Of a stream that is never listed in full, listings say nothing.
  const isListed = definition.cursor === undefined || definition.fullEvery !== undefined;
  const ofIt = keep?.kind === 'listings' && !isListed ? undefined : keep;
  if (ofIt === undefined && maxBytes === undefined) return undefined;
  return { ...(ofIt === undefined ? {} : { keep: ofIt }), ...(maxBytes === undefined ? {} : { maxBytes }) };
}

/** A sink that is not there yet has seen nothing. */
async function positions(session: Session): Promise<ParsedPositions> {
  const all: ParsedPositions[] = [];
  for (const choice of sinkChoices(session)) {
    try {
      all.push(await withSink(session, choice, (sink) => parsedPositions(session.manifest, sink)));
    } catch (error) {
      if (!isSassyError(error, 'NOTHING_THERE')) throw error;
      all.push(await parsedPositions(session.manifest, undefined));
    }
  }
  return (stream) => {
    const found = all.map((positionsOf) => positionsOf(stream));
    const upTo = Math.min(Infinity, ...found.map((one) => one.upTo));
    return { upTo, behind: [...new Set(found.filter((one) => one.upTo === upTo).flatMap((one) => one.behind))] };
  };
}

function linesOf({ manifest }: Session, done: StreamRetention, dryRun: boolean): string {
  const { name, records, pages, bytes, heldBack, heldBackBy, uncut, maxBytes } = done;
  const did = dryRun ? 'would remove' : 'removed';
  const lines = [
    records + pages === 0
      ? `${name}: nothing to remove (${byteSize(bytes.before)})`
      : `${name}: ${did} ${counted(records, 'version')}, ${counted(pages, 'page')} of them whole: ${byteSize(bytes.before)} → ${dryRun ? 'about ' : ''}${byteSize(bytes.after)}`,
  ];
  if (heldBack > 0)
    lines.push(
      `  ${count(heldBack)} more stay until ${heldBackBy.join(', ')} has read them: sassy run ${manifest.name} parse`,
    );
  if (uncut > 0) lines.push(`  ${counted(uncut, 'page')} stay whole: nobody can say what of their bytes to cut`);
  if (maxBytes !== undefined && bytes.after > maxBytes)
    lines.push(`  that is more than ${byteSize(maxBytes)}: what is left is the newest version of each key`);
  return `${lines.join('\n')}\n`;
}
