import { stripVTControlCharacters } from 'node:util';

/** C0 and C1 controls, line and paragraph separators, and what turns the direction of text around. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g;

/**
 * One line of text that can do nothing to a terminal: escape sequences are taken out, tabs and line breaks become
 * spaces, other control characters go. Whatever a server or a file said passes through here before it is shown.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll(/[\t\r\n\u2028\u2029]+/g, ' ')).replaceAll(UNPRINTABLE, '');
}

/** The same for several lines: line breaks stay. */
export function printableLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/).map(printable);
}
