import type { Manifest } from '../../model/manifest.ts';
import type { Retention } from '../../model/retention.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import type { Sink } from '../../sink/sink.ts';
import type { RunLock } from '../../store/lock.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { cutPages } from './page-cut.ts';
import { planRetention } from './retention-plan.ts';
import { rewriterOf } from './rewriter-of.ts';
import type { RunContext } from '../run-context.ts';

export interface StreamRetention {
  readonly name: string;
  readonly keep: string | undefined;
  readonly maxBytes: number | undefined;
  /** Versions removed, and pages of which nothing was left. */
  readonly records: number;
  readonly pages: number;
  /** Compressed. */
  readonly bytes: { readonly before: number; readonly after: number };
  /** Versions that stay because these parsers have not read them yet. */
  readonly heldBack: number;
  readonly heldBackBy: readonly string[];
  /** Pages that stay whole, because their records cannot be cut out of them. */
  readonly uncut: number;
}

export interface RetentionRequest {
  readonly streams: readonly { readonly definition: StreamDefinition; readonly retention: Retention }[];
  /** How far parsers have read. */
  readonly parsed: ParsedPositions;
  /** Undefined: only say what there is to do. */
  readonly lock: RunLock | undefined;
}

/** Removes from the raw data of these streams what their retention lets go. */
export async function retainStreams(
  context: RunContext,
  { streams, parsed, lock }: RetentionRequest,
): Promise<readonly StreamRetention[]> {
  const { blobs, host, signal } = context;
  const done: StreamRetention[] = [];
  for (const { definition, retention } of streams) {
    signal.throwIfAborted();
    const { name } = definition;
    const nowMs = host.clock.now();
    const { upTo, behind } = parsed(name);
    const plan = await planRetention(await openRawStream(blobs, name), definition, retention, {
      nowMs,
      parsedUpTo: upTo,
    });
    const common = {
      name,
      keep: retention.keep?.text,
      maxBytes: retention.maxBytes,
      heldBack: plan.heldBack,
      heldBackBy: plan.heldBack === 0 ? [] : behind,
    };
    if (lock === undefined || plan.cuts.size === 0) {
      const pages = [...plan.cuts.values()].flatMap((cuts) => [...cuts.values()]);
      const whole = pages.filter(({ indexes }) => indexes === undefined).length;
      done.push({ ...common, records: plan.records, pages: whole, bytes: plan.bytes, uncut: 0 });
      continue;
    }
    const cut = await cutPages(rewriterOf(context, lock, name), definition, plan.cuts, signal);
    const bytes = { before: plan.bytes.before, after: await compressedBytes(context, name) };
    const { records, pages, uncut } = cut;
    done.push({ ...common, records, pages, bytes, uncut });
  }
  return done;
}

async function compressedBytes({ blobs }: RunContext, stream: string): Promise<number> {
  let bytes = 0;
  for await (const { segments } of (await openRawStream(blobs, stream)).commits())
    for (const { frames } of segments) for (const { length } of frames) bytes += length;
  return bytes;
}

/** Up to which commit all parsers have read a stream, and which of them are behind. */
export type ParsedPositions = (stream: string) => { readonly upTo: number; readonly behind: readonly string[] };

/**
 * As one sink knows it; undefined for a sink that is not there yet. A parser that never ran into it has read nothing; a
 * stream that no parser reads holds nothing back.
 */
export async function parsedPositions({ parsers }: Manifest, sink: Sink | undefined): Promise<ParsedPositions> {
  const read: { readonly parser: string; readonly stream: string; readonly commit: number }[] = [];
  for (const { name, inputs } of parsers) {
    const position = await sink?.position(name);
    for (const { stream } of inputs) read.push({ parser: name, stream, commit: position?.commits[stream] ?? 0 });
  }
  return (stream) => {
    const own = read.filter((one) => one.stream === stream);
    const upTo = Math.min(Infinity, ...own.map(({ commit }) => commit));
    return { upTo, behind: [...new Set(own.filter(({ commit }) => commit === upTo).map(({ parser }) => parser))] };
  };
}
