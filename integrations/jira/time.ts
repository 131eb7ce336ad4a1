const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Behind all other zones: a bound in it lies before the same bound in any of them. */
const LAST_ZONE = 'Etc/GMT+12';

/**
 * `2022-06-09T16:29:32.382-0700`, as Jira writes times, in UTC as the domain wants them: `2022-06-09T23:29:32.382Z`. The
 * offset is the asking user's, so it is no part of the data. Null for what is no time with an offset.
 */
export function utcTime(text: string | null | undefined): string | null {
  const [, time, hours, minutes] = /^(\d{4}-\d\d-\d\dT[\d:.]+)(?:Z|([+-]\d\d):?(\d\d))$/.exec(text ?? '') ?? [];
  if (time === undefined) return null;
  const date = new Date(`${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * The minute from which JQL has to read so that nothing from `since` on is left out: `2026-11-22 13:05`. JQL knows
 * minutes alone, and reads them in the time zone of the user's profile; without a zone it is the last one on earth.
 */
export function jqlMinute(since: string, timeZone: string | undefined): string {
  const clock = wallClock(timeZone);
  let instant = Math.floor(Date.parse(since) / MINUTE_MS) * MINUTE_MS;
  // When clocks are set back, an hour is told twice, and the server may take the later one.
  while (clock(instant + HOUR_MS) === clock(instant) || clock(instant + HOUR_MS / 2) === clock(instant)) {
    instant -= HOUR_MS / 2;
  }
  return clock(instant);
}

function wallClock(timeZone: string | undefined): (ms: number) => string {
  const format = formatIn(timeZone ?? LAST_ZONE) ?? formatIn(LAST_ZONE);
  return (ms) => {
    const parts = Object.fromEntries((format?.formatToParts(ms) ?? []).map(({ type, value }) => [type, value]));
    return `${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']}`;
  };
}

/** Undefined for a zone that this machine does not know. */
function formatIn(timeZone: string): Intl.DateTimeFormat | undefined {
  const two = '2-digit';
  try {
    return new Intl.DateTimeFormat('en', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
    });
  } catch {
    return undefined;
  }
}
