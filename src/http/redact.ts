import type { Secret } from '../util/secret.ts';

/** Takes the secrets out of a text that goes to a person or to a file. */
export type Redact = (text: string) => string;

const MASK = '<secret>';

/** Shorter values occur in any text by chance: masking them would only make messages unreadable. */
const SHORTEST = 4;

/**
 * Masks every occurrence of the secrets: as they are, URL-encoded (once and twice), JSON-escaped and in base64, also
 * inside a longer base64 text such as a Basic header. Longest form first, so that of two overlapping secrets no rest
 * is left. Values below 4 characters are not masked.
 */
export function redactor(secrets: readonly Secret[]): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) for (const form of formsOf(secret.reveal())) forms.add(form);
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

function* formsOf(value: string): Generator<string> {
  if (value.length < SHORTEST) return;
  yield value;
  if (value.trim().length >= SHORTEST) yield value.trim();
  yield JSON.stringify(value).slice(1, -1);
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
