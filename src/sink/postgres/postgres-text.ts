import { UnstorableValue } from '../stored-json.ts';

/**
 * PostgreSQL holds every text but NUL. It is written as U+2400, the picture of it, with an invisible U+2060 behind, and
 * read back as what it was: a picture that has an odd number of U+2060 behind it was a NUL, and as many as were there
 * before are doubled, so that no two texts become one.
 */
const PICTURE = '\u2400';
const MARK = '\u2060';

// NUL itself, and what stands for it: there is no other way to name them.
// oxlint-disable-next-line no-control-regex -- NUL is what is looked for
const PLAIN = /[\u0000\u2400]\u2060*/g;
/** In JSON a NUL is always `\u0000`; any other escape, an escaped backslash first of all, is passed over. */
const IN_JSON = /(?:\\u0000|\u2400)\u2060*|\\./g;
const STORED = /\u2400\u2060+/g;
const NEEDS_CARE = /[\u0000\u2400]/; // oxlint-disable-line no-control-regex -- NUL is what is looked for

/** A text as PostgreSQL can hold it. */
export function withoutNul(text: string): string {
  if (!NEEDS_CARE.test(text)) return text;
  return text.replace(PLAIN, (found) => stored(found.startsWith('\u0000'), found.length - 1));
}

/** A JSON text as jsonb can hold it. */
export function jsonWithoutNul(json: string): string {
  if (!json.includes('\\u0000') && !json.includes(PICTURE)) return json;
  return json.replace(IN_JSON, (found) => {
    if (found.startsWith(PICTURE)) return stored(false, found.length - 1);
    return found.startsWith('\\u0000') ? stored(true, found.length - '\\u0000'.length) : found;
  });
}

/** The text that `withoutNul` was given. */
export function withNul(text: string): string {
  if (!text.includes(PICTURE)) return text;
  return text.replace(STORED, (found) => {
    const marks = found.length - 1;
    return (marks % 2 === 1 ? '\u0000' : PICTURE) + MARK.repeat(Math.floor(marks / 2));
  });
}

function stored(isNul: boolean, marks: number): string {
  return PICTURE + MARK.repeat(2 * marks + (isNul ? 1 : 0));
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A value in `COPY`'s text format. https://www.postgresql.org/docs/current/sql-copy.html */
export function copyText(text: string): string {
  return /[\\\n\r\t]/.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (found) => ESCAPES[found] ?? found) : text;
}

/** PostgreSQL's calendar begins in 4714 BC; its form of a year is not ISO's outside of 1 to 9999. */
const FIRST_TIME = Date.UTC(-4712, 0, 1);

/** @throws UnstorableValue for a time before 4713 BC */
export function timeText(time: Date): string {
  if (time.getTime() < FIRST_TIME) throw new UnstorableValue('PostgreSQL holds no time before 4713 BC');
  const iso = time.toISOString();
  const year = time.getUTCFullYear();
  if (year >= 1 && year <= 9999) return iso;
  const rest = iso.slice(iso.startsWith('+') || iso.startsWith('-') ? 7 : 4);
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}

const TIME = /^(\d{4,6})-(\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00(?: (BC))?$/;

/** A timestamptz, as the server writes it in UTC, in ISO 8601 with Z; `infinity` as it is. */
export function isoTime(text: string): string {
  const [, year = '', day = '', clock = '', fraction = '', era] = TIME.exec(text) ?? [];
  if (year === '') return text;
  const number = era === undefined ? Number(year) : 1 - Number(year);
  const digits = fraction.padEnd(3, '0');
  const shown =
    number >= 0 && number <= 9999
      ? String(number).padStart(4, '0')
      : `${number < 0 ? '-' : '+'}${String(Math.abs(number)).padStart(6, '0')}`;
  return `${shown}-${day}T${clock}.${digits.length > 3 ? digits.padEnd(6, '0') : digits}Z`;
}
