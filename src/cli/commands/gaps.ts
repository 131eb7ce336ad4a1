import { streamGaps, type StreamGaps } from '../../runtime/stream/gaps.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { gapLines } from '../render/gap-lines.ts';
import { resultHead } from '../result-head.ts';
import type { Session } from '../session.ts';

/**
 * `sassy run <i> gaps`: which intervals of which slices are proven fetched. Takes no lock, asks nobody. Exit code 6 when
 * something is missing.
 */
export async function gapsCommand(
  session: Session,
  { streams: asked }: { readonly streams: readonly string[] | undefined },
): Promise<Answer> {
  const { manifest, environment } = session;
  knownNames('UNKNOWN_STREAM', 'stream', asked, manifest.streams);
  const streams: StreamGaps[] = [];
  for (const definition of manifest.streams) {
    if (asked?.includes(definition.name) !== false) streams.push(await streamGaps(session, definition));
  }
  const isMissing = streams.some(({ gaps }) => gaps > 0);
  const json = { command: 'gaps', ...resultHead(session, isMissing ? 6 : 0, []), streams };
  return { exitCode: json.exitCode, json, text: `${gapLines(streams, environment.style).join('\n')}\n` };
}
