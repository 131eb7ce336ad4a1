import { SassyError } from '../../errors/sassy-error.ts';
import type { StreamState } from '../../model/state.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { openRawWriter } from '../../store/raw-writer.ts';
import { toInstant } from '../../util/instant.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { jsonLine } from '../render/json-line.ts';
import { resultHead } from '../result-head.ts';
import { movedTo } from '../../runtime/stream/look-back.ts';
import { locked, type Session } from '../session.ts';

/** `sassy run <i> state show`: the state of each stream as the last commit left it. */
export async function stateShowCommand(session: Session): Promise<Answer> {
  const streams: Record<string, StreamState> = {};
  for (const { name } of session.manifest.streams) {
    const raw = await openRawStream(session.blobs, name);
    if (raw.head !== undefined) streams[name] = await raw.state();
  }
  const json = { command: 'state show', ...resultHead(session, 0, []), streams };
  const lines = Object.entries(streams).flatMap(([stream, { slices }]) =>
    Object.entries(slices).map(([slice, state]) => {
      const { boundary: _fingerprints, ...shown } = state;
      return `${stream}  ${slice}  ${jsonLine(shown)}`;
    }),
  );
  return { exitCode: 0, json, text: lines.length === 0 ? 'nothing is stored yet\n' : `${lines.join('\n')}\n` };
}

/**
 * `sassy run <i> state reset --streams a`: forgets where these streams are, in a commit of its own. The stored data
 * stays; the next run reads everything again.
 */
export async function stateResetCommand(
  session: Session,
  { streams, dryRun }: { readonly streams: readonly string[]; readonly dryRun: boolean },
): Promise<Answer> {
  knownNames('UNKNOWN_STREAM', 'stream', streams, session.manifest.streams);
  const { environment, blobs, runId } = session;
  const forgotten: { readonly name: string; readonly slices: number }[] = [];
  await locked(session, 'state reset', async (lock) => {
    for (const stream of streams) {
      const writer = await openRawWriter({
        host: environment.host,
        blobs,
        stream,
        epoch: lock.epoch,
        guard: () => lock.verify(),
        runId,
      });
      const before = writer.state;
      if (writer.head === undefined) continue;
      forgotten.push({ name: stream, slices: Object.keys(before.slices).length });
      // The listing's number goes on: pages of a later listing must never be taken for those of an earlier one.
      const { listing } = before;
      if (!dryRun) await writer.commit(listing === undefined ? { slices: {} } : { slices: {}, listing });
    }
  });
  const json = { command: 'state reset', ...resultHead(session, 0, []), dryRun, streams: forgotten };
  const verb = dryRun ? 'would forget' : 'forgot';
  const text = forgotten.map(({ name, slices }) => `${verb} the position of ${name} (${slices} slices)\n`).join('');
  return { exitCode: 0, json, text: text === '' ? 'nothing is stored yet\n' : text };
}

export interface StateSetOptions {
  readonly stream: string;
  /** As `state show` writes it: `{"org":"…"}`; undefined for the stream's only slice. */
  readonly slice: string | undefined;
  /** ISO 8601 with a zone. */
  readonly cursor: string;
  readonly dryRun: boolean;
}

/**
 * `sassy run <i> state set --stream a --cursor T`: moves one slice to a time, in a commit of its own. The next run asks for
 * what is at or after it, less the look-back. What an earlier run left under way there is given up. What lies between a
 * position and a later one stays missing, and `gaps` says so; what lies above an earlier one is no longer proven.
 */
export async function stateSetCommand(session: Session, options: StateSetOptions): Promise<Answer> {
  const { stream, slice: key = '{}', cursor, dryRun } = options;
  knownNames('UNKNOWN_STREAM', 'stream', [stream], session.manifest.streams);
  const definition = session.manifest.streams.find(({ name }) => name === stream);
  const { environment, blobs, runId } = session;
  return locked(session, 'state set', async (lock) => {
    const identity = { host: environment.host, blobs, stream, epoch: lock.epoch, guard: () => lock.verify(), runId };
    const writer = await openRawWriter(identity);
    const { slices, ...rest } = writer.state;
    const before = Object.hasOwn(slices, key) ? slices[key] : undefined;
    const instant = toInstant(cursor);
    const skips = definition?.windows !== undefined && instant !== undefined && instant > (before?.cursor ?? '');
    if (definition?.cursor === undefined || instant === undefined || before === undefined || skips) {
      throw new SassyError('USAGE', {
        message: `the position of ${stream} ${key} cannot be set to ${cursor}`,
        why: skips
          ? 'it is read in windows: what lies between would be missing, and the next run would read it all the same'
          : reason(definition?.cursor !== undefined, instant !== undefined),
        fix: `sassy run ${session.manifest.name} state show lists the streams and slices that have a position`,
      });
    }
    const after = movedTo(before, instant, definition.cursor);
    if (!dryRun) await writer.commitChange({ slices: { [key]: after }, rest });
    const change = { stream, slice: key, from: before.cursor ?? null, to: instant };
    const json = { command: 'state set', ...resultHead(session, 0, []), dryRun, ...change };
    const verb = dryRun ? 'would move' : 'moved';
    const text = `${verb} ${stream} ${key} from ${before.cursor ?? 'its beginning'} to ${instant}\n`;
    return { exitCode: 0, json, text };
  });
}

function reason(hasCursor: boolean, isTime: boolean): string {
  if (!hasCursor) return 'the stream has no cursor: each run reads it whole';
  return isTime ? 'nothing is stored of such a slice' : 'it must be a time with a zone, like 2026-11-01T08:00:00Z';
}
