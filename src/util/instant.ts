const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)$/;
const MILLIS_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * A point in time that orders as text: `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ`, always UTC, nine digits. Undefined for what
 * is not an ISO 8601 time with a zone, or is no real date (`2024-02-30`): never rolled over, never read as local time.
 */
export function toInstant(text: string): string | undefined {
  // The form that most APIs send: checked by a cheap pattern, because it is asked for each record.
  if (MILLIS_UTC.test(text) && (isPlainlyReal(text) || isRealUtc(text))) return `${text.slice(0, 23)}000000Z`;
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', fraction = '', zone = ''] = parts;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second === '60' ? '59' : second}.000Z`;
  if (!isRealUtc(local)) return undefined;
  const utc = new Date(Date.parse(local) - zoneOffsetMs(zone)).toISOString();
  if (!MILLIS_UTC.test(utc)) return undefined;
  return `${utc.slice(0, 19)}.${fraction.padEnd(9, '0')}Z`;
}

/** `instant` less `ms`, as ISO 8601 with milliseconds, rounded down. */
export function instantMinus(instant: string, ms: number): string {
  return new Date(Date.parse(`${instant.slice(0, 23)}Z`) - ms).toISOString();
}

/** Real in every month and year, seen without asking Date: what nearly all times are. */
function isPlainlyReal(text: string): boolean {
  const month = text.slice(5, 7);
  const day = text.slice(8, 10);
  return (
    month >= '01' &&
    month <= '12' &&
    day >= '01' &&
    day <= '28' &&
    text.slice(11, 13) <= '23' &&
    text.slice(14, 16) <= '59' &&
    text.slice(17, 19) <= '59'
  );
}

/** Days roll over silently in Date: the text is real only when it comes back as it went in. */
function isRealUtc(text: string): boolean {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return false;
  const day = Number(text.slice(8, 10));
  return day <= 28 || new Date(ms).getUTCDate() === day;
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
