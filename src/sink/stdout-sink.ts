import type { Host } from '../util/host.ts';
import { openJsonlSink } from './jsonl/jsonl-sink.ts';
import { readParts } from './jsonl/jsonl-parts.ts';
import type { Sink } from './sink.ts';

export interface StdoutSinkOptions {
  readonly host: Host;
  /** Where it remembers what was printed: the same as a JSONL sink. Absolute; made when there is none. */
  readonly folder: string;
  /** Resolves when the reader has taken it. */
  readonly write: (text: string) => Promise<void>;
}

/**
 * Prints entities as they become new or change, one JSON object a line, for the program at the other end of the pipe:
 *
 * `{"table":"findings","parser":"findings","generation":1,"commit":7,"entity":{…}}`
 *
 * A new generation prints all of its entities again, under its number. What was printed is remembered in a JSONL sink, so
 * that a repeat prints nothing. Lines are printed before their commit: a kill between the two prints them again with the same
 * `generation` and `commit`. Hence at least once, and nothing is ever left out.
 */
export function openStdoutSink({ host, folder, write }: StdoutSinkOptions): Sink {
  return openJsonlSink({
    host,
    folder,
    name: 'stdout',
    async onParts({ target, generation, commit, folder: parts, parts: list }) {
      const head = JSON.stringify({ table: target.entity.table, parser: target.parser, generation, commit }).slice(
        0,
        -1,
      );
      // Of a key that comes twice the later line holds, so it is printed later too.
      for await (const { text } of readParts(host, parts, list, target.entity.key)) {
        await write(`${head},"entity":${text}}\n`);
      }
    },
  });
}
