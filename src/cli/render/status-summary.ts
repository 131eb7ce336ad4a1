import type { StatusResult } from '../../model/results.ts';
import { aligned } from './aligned.ts';
import { errorLines } from './error-lines.ts';
import { byteSize, count, counted } from './numbers.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** What is committed for each stream, how far each parser is, and who holds the lock. */
export function statusLines({ streams, parsers, lock, sinks = [] }: StatusResult, style: Style): readonly string[] {
  const [first, ...others] = sinks;
  return [
    style.bold('streams'),
    ...aligned(streams.map(streamCells), '  '),
    style.bold('parsers'),
    ...aligned(
      parsers.map((parser) =>
        first?.error === undefined ? parserCells(parser) : [printable(parser.name), 'not known'],
      ),
      '  ',
    ),
    ...(others.length === 0 && first?.error === undefined
      ? []
      : [style.bold('sinks'), ...sinks.flatMap((sink) => sinkLines(sink, style))]),
    ...(lock === undefined
      ? []
      : [
          style.yellow(
            `running: ${printable(lock.command)} since ${printable(lock.since)} (process ${lock.pid} on ${printable(lock.hostname)})`,
          ),
        ]),
  ];
}

function sinkLines(
  { name, generations, error }: NonNullable<StatusResult['sinks']>[number],
  style: Style,
): readonly string[] {
  if (error !== undefined) return [`  ${printable(name)}`, ...errorLines(error, style)];
  const parts = Object.entries(generations).map(([parser, number]) => `${printable(parser)} generation ${number}`);
  return [`  ${printable(name)}  ${parts.length === 0 ? 'nothing yet' : parts.join(', ')}`];
}

function streamCells(stream: StatusResult['streams'][number]): readonly string[] {
  const { name, commits, committedAt, pages, records, bytes, slices, openSlices, cursor } = stream;
  if (commits === 0) return [printable(name), 'nothing committed yet'];
  return [
    printable(name),
    counted(commits, 'commit'),
    counted(pages, 'page'),
    counted(records, 'record'),
    byteSize(bytes),
    `${counted(slices, 'slice')}${openSlices === 0 ? '' : `, ${count(openSlices)} under way`}`,
    committedAt === undefined ? '' : `last ${printable(committedAt)}`,
    cursor === undefined ? '' : `up to ${printable(cursor)}`,
  ];
}

function parserCells({ name, generation, behind, codeChanged }: StatusResult['parsers'][number]): readonly string[] {
  const late = Object.entries(behind)
    .filter(([, commits]) => commits > 0)
    .map(([stream, commits]) => `${counted(commits, 'commit')} of ${printable(stream)} to read`);
  return [
    printable(name),
    generation === undefined ? 'never run' : `generation ${generation}`,
    late.length === 0 ? 'up to date' : late.join(', '),
    codeChanged ? 'code changed: restream' : '',
  ];
}
