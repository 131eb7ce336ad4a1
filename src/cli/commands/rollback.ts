import { isSassyError, SassyError } from '../../errors/sassy-error.ts';
import type { ParserPosition } from '../../sink/sink.ts';
import type { Answer } from '../environment.ts';
import { knownNames } from '../names.ts';
import { resultHead } from '../result-head.ts';
import { locked, type Session } from '../session.ts';
import { withSinks } from '../sinks.ts';

/**
 * `sassy run <i> rollback`: back to the generation before, in one step for each parser; again to undo it. Parsers without
 * a former generation stay as they are, unless they were asked for.
 */
export async function rollbackCommand(session: Session, only: readonly string[] | undefined): Promise<Answer> {
  const { manifest } = session;
  knownNames('UNKNOWN_PARSER', 'parser', only, manifest.parsers);
  const names = manifest.parsers.map(({ name }) => name).filter((name) => only?.includes(name) ?? true);
  const parsers = await locked(session, 'rollback', () =>
    withSinks(session, async (sinks) => {
      const switched: ({ readonly name: string; readonly sink: string } & ParserPosition)[] = [];
      for (const sink of sinks) {
        for (const name of names) {
          try {
            switched.push({ name, sink: sink.name, ...(await sink.rollback(name)) });
          } catch (error) {
            if (only !== undefined || !isSassyError(error, 'NOTHING_THERE')) throw error;
          }
        }
      }
      return switched;
    }),
  );
  if (parsers.length === 0) {
    throw new SassyError('NOTHING_THERE', {
      message: 'no parser has a former generation to go back to',
      state: 'nothing was changed',
      fix: `sassy run ${manifest.name} restream makes a new one and keeps the one before it`,
    });
  }
  const json = { command: 'rollback', ...resultHead(session, 0, []), runId: session.runId, parsers };
  const lines = parsers.map(
    ({ name, sink, generation }) => `${name}: generation ${generation} is the present one in ${sink}`,
  );
  return { exitCode: 0, json, text: `${lines.join('\n')}\nnext:  the same command again goes forth again\n` };
}
