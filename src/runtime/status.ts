import type { ParserDefinition } from '../model/manifest.ts';
import type { StatusResult } from '../model/results.ts';
import type { Sink } from '../sink/sink.ts';
import { readLock } from '../store/lock.ts';
import { openRawStream } from '../store/raw-stream.ts';
import type { RunContext } from './run-context.ts';

/** What is committed, how far each parser is, and who is running. Reads only. */
export async function connectionStatus(
  context: Omit<RunContext, 'runId' | 'signal' | 'progress'>,
  sink: Sink | undefined,
  codeHash: (parser: ParserDefinition) => string,
): Promise<Pick<StatusResult, 'lock' | 'streams' | 'parsers'>> {
  const { manifest, blobs, host, paths } = context;
  const heads = new Map<string, number>();
  const streams = [];
  for (const { name } of manifest.streams) {
    const raw = await openRawStream(blobs, name);
    const slices = Object.values((await raw.state()).slices);
    const cursors = slices.flatMap((slice) => slice.cursor ?? []).sort();
    const highest = cursors.at(-1);
    heads.set(name, raw.head?.number ?? 0);
    const total = { pages: 0, records: 0, bytes: 0 };
    for await (const { pages, records, bytes } of raw.commits()) {
      total.pages += pages;
      total.records += records;
      total.bytes += bytes;
    }
    streams.push({
      name,
      commits: raw.head?.number ?? 0,
      ...(raw.head === undefined ? {} : { committedAt: raw.head.committedAt }),
      ...total,
      slices: slices.length,
      openSlices: slices.filter(({ open, windows = [] }) => open !== undefined || windows.length > 0).length,
      ...(highest === undefined ? {} : { cursor: highest }),
    });
  }
  const parsers = [];
  for (const parser of manifest.parsers) {
    const { name, inputs } = parser;
    const position = await sink?.position(name);
    const behind = inputs.map(({ stream }) => [stream, (heads.get(stream) ?? 0) - (position?.commits[stream] ?? 0)]);
    parsers.push({
      name,
      ...(position === undefined ? {} : { generation: position.generation }),
      behind: Object.fromEntries(behind),
      codeChanged: position !== undefined && position.codeHash !== codeHash(parser),
    });
  }
  const lock = await readLock(host, paths.folder);
  return { ...(lock === undefined ? {} : { lock }), streams, parsers };
}
