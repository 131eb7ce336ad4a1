/** Where a string stands in a JSON text. */
export interface JsonPlace {
  readonly kind: 'key' | 'value';
  /** For a value: the last key before it, which for an array of strings is the array's. */
  readonly key: string | undefined;
}

/**
 * Replaces strings inside a valid JSON text and leaves every other byte (spaces, numbers, escapes of other strings) as it
 * is. `replace` gets decoded strings; `replaceRest` gets what stands between them. One pass, linear in the text.
 */
export function mapJsonStrings(
  text: string,
  replace: (value: string, place: JsonPlace, raw: string) => string,
  replaceRest: (text: string) => string = (rest) => rest,
): string {
  let out = '';
  let done = 0;
  let key: string | undefined;
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', done)) {
    const end = closingQuote(text, start);
    if (end === -1) break;
    const raw = text.slice(start + 1, end);
    const value = raw.includes('\\') ? decoded(raw) : raw;
    const isKey = /^[ \t\r\n]*:/.test(text.slice(end + 1, end + 65));
    const replaced = replace(value, isKey ? { kind: 'key', key: undefined } : { kind: 'value', key }, raw);
    if (isKey) key = value;
    out += replaceRest(text.slice(done, start));
    out += replaced === value ? text.slice(start, end + 1) : JSON.stringify(replaced);
    done = end + 1;
  }
  return out + replaceRest(text.slice(done));
}

function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}

function decoded(raw: string): string {
  const value: unknown = JSON.parse(`"${raw}"`);
  return typeof value === 'string' ? value : raw;
}
