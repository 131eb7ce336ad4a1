import type { StreamState } from '../../model/state.ts';
import { openRawStream } from '../../store/raw-stream.ts';
import { openRawWriter } from '../../store/raw-writer.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { jsonLine } from '../render/json-line.ts';
import { resultHead } from '../result-head.ts';
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
