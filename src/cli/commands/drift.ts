import { streamDrift } from '../../runtime/parse/drift.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { aligned } from '../render/aligned.ts';
import { count } from '../render/numbers.ts';
import { printable } from '../render/printable.ts';
import { resultHead } from '../result-head.ts';
import { runContext, type Session } from '../session.ts';

export interface DriftFlags {
  readonly streams: readonly string[] | undefined;
  /** Only what came after this commit. */
  readonly since: number | undefined;
}

/** `sassy run <i> drift`: what appeared, vanished and changed in the shape of the records. 6 when something may break. */
export async function driftCommand(session: Session, flags: DriftFlags): Promise<Answer> {
  const { manifest } = session;
  knownNames('UNKNOWN_STREAM', 'stream', flags.streams, manifest.streams);
  const context = runContext(session, () => undefined);
  const streams = [];
  for (const definition of manifest.streams) {
    if (flags.streams?.includes(definition.name) === false) continue;
    streams.push(await streamDrift(context, definition, flags.since ?? 0));
  }
  const changes = streams.flatMap((stream) => stream.changes);
  const exitCode = changes.some(({ kind }) => kind === 'vanished' || kind === 'type') ? 6 : 0;
  const json = { command: 'drift', ...resultHead(session, exitCode, []), streams };
  const rows = changes.map(({ stream, kind, path, what, example, commit }) => [
    printable(stream),
    printable(path),
    kind,
    printable(what),
    `commit ${commit}`,
    printable(example),
  ]);
  const looked = streams.map(
    ({ stream, sampled, paths }) => `${stream}: ${count(sampled)} records, ${count(paths)} paths`,
  );
  const text = [
    ...aligned(rows),
    ...(rows.length === 0 ? ['nothing changed in'] : ['looked at']),
    ...looked.map((line) => `  ${printable(line)}`),
  ];
  return { exitCode, json, text: `${text.join('\n')}\n` };
}
