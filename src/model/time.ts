import { z } from 'zod';
import { toInstant } from '../util/instant.ts';

export interface TimeOptions {
  /** The zone of texts that name none: `UTC`, `+05:30`, `Europe/Berlin`. Without it such a text is refused. */
  readonly zone?: string;
  /** The unit of numbers: seconds, milliseconds or microseconds since 1970. Without it numbers are refused. */
  readonly epoch?: 's' | 'ms' | 'us';
}

const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?$/;
const PER_UNIT = { s: 1, ms: 1_000, us: 1_000_000 };

/**
 * A point in time in a record or an entity, given out as ISO 8601 in UTC with milliseconds. Takes ISO 8601 with a zone;
 * what else it takes has to be said. Never rolled over (`2024-02-30` is refused) and never read in the machine's zone. In
 * an hour that a change to winter time repeats, the first one is meant; one that a change to summer time leaves out is
 * refused.
 */
export function time({ zone, epoch }: TimeOptions = {}): z.ZodPipe<z.ZodTransform<string, unknown>, z.ZodString> {
  // A name that the machine does not know is told where it is written, not at the first record.
  if (zone !== undefined && !/^[+-]/.test(zone)) offsetMs(0, zone);
  return z
    .transform((value: unknown, context): string => {
      const found =
        typeof value === 'string'
          ? ofText(value, zone)
          : typeof value === 'number'
            ? ofNumber(value, epoch)
            : undefined;
      if (found !== undefined && !found.startsWith('!')) return found;
      context.issues.push({ code: 'custom', message: found?.slice(1) ?? 'it is no time', input: value });
      return z.NEVER;
    })
    .pipe(z.string());
}

/** A text that starts with `!` says what is wrong. */
function ofText(text: string, zone: string | undefined): string {
  const instant = toInstant(text);
  if (instant !== undefined) return `${instant.slice(0, 23)}Z`;
  const local = LOCAL.exec(text);
  if (local === null) return `!${JSON.stringify(text.slice(0, 40))} is no real time in ISO 8601`;
  if (zone === undefined)
    return `!${JSON.stringify(text)} is a time without a zone: say which one with time({ zone: 'UTC' })`;
  const whole = `${local[1] ?? ''}T${local[2] ?? '00:00'}`;
  const found = /^[+-]/.test(zone) ? toInstant(whole + zone) : inZone(whole, zone);
  return found === undefined ? `!${JSON.stringify(text)} is no real time in ${zone}` : `${found.slice(0, 23)}Z`;
}

function ofNumber(value: number, epoch: TimeOptions['epoch']): string {
  if (epoch === undefined) return `!it is a number: say what it counts with time({ epoch: 's' })`;
  const date = new Date((value / PER_UNIT[epoch]) * 1_000);
  return Number.isNaN(date.getTime()) ? `!${value} is no time` : date.toISOString();
}

/** The first instant that the clocks of a zone showed as this; undefined when they never did. */
function inZone(local: string, zone: string): string | undefined {
  const asUtc = toInstant(`${local}Z`);
  if (asUtc === undefined) return undefined;
  const wall = Date.parse(`${asUtc.slice(0, 23)}Z`);
  // Zones are less than a day from UTC: the offsets a day before and after are all that can hold around a change.
  const offsets = [wall - 86_400_000, wall, wall + 86_400_000].map((at) => offsetMs(at, zone));
  const candidates = [...new Set(offsets)]
    .map((offset) => wall - offset)
    .filter((at) => at + offsetMs(at, zone) === wall);
  return candidates.length === 0 ? undefined : new Date(Math.min(...candidates)).toISOString();
}

function offsetMs(at: number, zone: string): number {
  const whole = Math.floor(at / 1000) * 1000;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(whole);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const shown = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}.000Z`;
  return Date.parse(shown) - whole;
}
