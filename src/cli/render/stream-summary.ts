import type { StreamResult } from '../../model/results.ts';
import { aligned } from './aligned.ts';
import { errorLines } from './error-lines.ts';
import { byteSize, counted, duration } from './numbers.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** `issues  12 pages  1,180 records  4 requests, 1 retry  2.0 s waiting`, one line per stream, then the totals. */
export function streamLines(streams: readonly StreamResult[], style: Style): readonly string[] {
  const rows = aligned(streams.map(cellsOf));
  const lines = streams.flatMap((stream, at) => [
    (rows[at] ?? '') + mark(stream, style),
    ...notesOf(stream).map((note) => `    ${style.yellow('!')} ${note}`),
    ...(stream.error === undefined ? [] : errorLines(stream.error, style)),
  ]);
  return [...lines, totalOf(streams)];
}

function cellsOf(stream: StreamResult): readonly string[] {
  const { name, pages, unchangedPages = 0, records, requests, retries, waitedMs } = stream;
  const same = unchangedPages === 0 ? '' : ` (${unchangedPages} unchanged)`;
  const retried = retries === 0 ? '' : `, ${counted(retries, 'retry', 'retries')}`;
  return [
    printable(name),
    `${counted(pages, 'page')}${same}`,
    counted(records, 'record'),
    `${counted(requests, 'request')}${retried}`,
    waitedMs === 0 ? '' : `${duration(waitedMs)} waiting for the rate limit`,
  ];
}

function mark({ status }: StreamResult, style: Style): string {
  if (status === 'complete') return '';
  return `  ${status === 'failed' ? style.red(status) : style.yellow(status)}`;
}

function notesOf({ invalid = 0, skippedSlices = 0, skipReasons = [] }: StreamResult): readonly string[] {
  const notes: string[] = [];
  if (invalid > 0) {
    notes.push(
      `${counted(invalid, 'record does', 'records do')} not match the schema; stored all the same, parse will quarantine them`,
    );
  }
  if (skippedSlices > 0) {
    notes.push(
      `${counted(skippedSlices, 'slice was', 'slices were')} left out: the API says that they may not be read, or are gone`,
      ...skipReasons.map((reason) => `  ${printable(reason)}`),
    );
  }
  return notes;
}

function totalOf(streams: readonly StreamResult[]): string {
  const sum = (pick: (stream: StreamResult) => number): number =>
    streams.reduce((total, stream) => total + pick(stream), 0);
  const other = (['partial', 'failed', 'skipped'] as const)
    .map((status) => ({ status, number: streams.filter((stream) => stream.status === status).length }))
    .filter(({ number }) => number > 0)
    .map(({ status, number }) => `, ${number} ${status}`);
  const records = sum((stream) => stream.records);
  const pages = sum((stream) => stream.pages);
  const read = `${counted(pages, 'page')} in ${counted(
    sum((stream) => stream.requests),
    'request',
  )}, ${byteSize(sum((stream) => stream.bytes))}`;
  const complete = streams.filter(({ status }) => status === 'complete').length;
  const news = records === 0 ? 'nothing new' : counted(records, 'new record');
  return `${counted(complete, 'stream')} complete${other.join('')}: ${news}, ${read}`;
}
