import type { StreamDefinition } from '../../model/stream.ts';
import { duration } from './numbers.ts';

/** How a stream goes on from run to run: `full refresh`, `incremental by /updated_at, in full every 7 days`. */
export function flowText({ cursor, immutable, fullEvery, historyMs }: StreamDefinition): string {
  if (cursor === undefined) return 'full refresh';
  const parts = [`${immutable === true ? 'what is added' : 'incremental'} by ${cursor.pointer}`];
  if (fullEvery !== undefined)
    parts.push(
      'runs' in fullEvery ? `in full every ${fullEvery.runs} runs` : `in full every ${spanText(fullEvery.ms)}`,
    );
  if (historyMs !== undefined) parts.push(`history by ${spanText(historyMs)}`);
  return parts.join(', ');
}

/** `30 days`, `12 h 0 min`. */
export function spanText(ms: number): string {
  const days = ms / 86_400_000;
  return Number.isInteger(days) ? `${days} ${days === 1 ? 'day' : 'days'}` : duration(ms);
}
