import type { Secret } from '../util/secret.ts';

/** Takes the secrets out of a text that goes to a person or to a file. */
export type Redact = (text: string) => string;

const MASK = '<secret>';

/** Shorter values occur in any text by chance: masking them would only make messages unreadable. */
const SHORTEST = 4;
const SHORTEST_LINE = 20;

/**
 * Masks every occurrence of the secrets: as they are, URL-encoded (once and twice), JSON-escaped (once and twice), escaped
 * for HTML, in hex, in UTF-16, each long line of them by itself (a PEM key), and in base64, also inside a longer base64 text
 * such as a Basic header. Longest form first, so that of two overlapping secrets no rest is left. Values below 4 characters
 * are not masked.
 */
export function redactor(secrets: readonly Secret[]): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const value of partsOf(secret.reveal())) for (const form of formsOf(value)) forms.add(form);
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/** The value, and its lines where they say enough by themselves. */
function partsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
  return [value, ...lines];
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function* formsOf(value: string): Generator<string> {
  if (value.length < SHORTEST) return;
  yield value;
  if (value.trim().length >= SHORTEST) yield value.trim();
  const escaped = JSON.stringify(value).slice(1, -1);
  yield escaped;
  yield JSON.stringify(escaped).slice(1, -1);
  yield escaped.replaceAll('/', '\\/');
  const html = value.replaceAll(/[&<>"]/g, (character) => HTML[character] ?? character);
  yield html;
  yield html.replaceAll("'", '&#39;');
  yield html.replaceAll("'", '&#x27;');
  const hex = Buffer.from(value).toString('hex');
  yield hex;
  yield hex.toUpperCase();
  yield [...value].join('\0');
  // A lone surrogate has no URL encoding.
  if (value.isWellFormed()) {
    const once = encodeURIComponent(value);
    const twice = encodeURIComponent(once);
    const form = new URLSearchParams([['', value]]).toString().slice(1);
    for (const encoded of [once, twice, form]) {
      yield encoded;
      yield encoded.replaceAll(/%(25)?[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
    }
  }
  for (const encoded of base64Forms(value)) {
    yield encoded;
    yield encoded.replaceAll('+', '-').replaceAll('/', '_');
    yield encodeURIComponent(encoded);
  }
}

/** Three bytes make four characters, so a value inside a longer text has three spellings, by where it begins. */
function* base64Forms(value: string): Generator<string> {
  const whole = Buffer.from(value).toString('base64');
  yield whole;
  yield whole.replaceAll('=', '');
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const encoded = bytes.toString('base64').replaceAll('=', '');
    // The characters at both ends share bits with the neighbours: only those between are certain.
    const certain = encoded.slice(before === 0 ? 0 : before + 1, Math.floor((bytes.length * 8) / 6));
    if (certain.length >= 2 * SHORTEST) yield certain;
  }
}
