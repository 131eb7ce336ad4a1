/** A text that gives a secret away. */
export interface SecretForm {
  readonly text: string;
  /** `base64`: the part of an encoding that does not depend on what stands around the secret; the whole run must go. */
  readonly kind: 'whole' | 'base64';
}

/** A value shorter than this would be found by chance inside other texts; it is only replaced where it is the whole value. */
const SHORTEST_SEARCHED = 8;
const SHORTEST_LINE = 20;

/**
 * Every spelling under which a secret may come back from a server: plain, JSON-escaped (once, twice, `\/`, `\u0026`), HTML,
 * hex, UTF-16, each of them also percent-encoded (up to three times, either case, as a form); base64 and base64url, also in
 * the middle of a longer encoded text such as base64(`user:token`). The long lines of a value of several lines (a PEM key)
 * count on their own. Empty for a value too short to search for.
 */
export function secretForms(secret: string): readonly SecretForm[] {
  const plain = new Set([secret, secret.trim(), secret.replaceAll('\r\n', '\n'), secret.replace(/\r?\n/g, '\r\n')]);
  for (const line of secret.split(/\r?\n/)) {
    if (line.length >= SHORTEST_LINE && !line.startsWith('-----')) plain.add(line);
  }
  const forms = new Map<string, SecretForm>();
  for (const value of plain) {
    if (value.length < SHORTEST_SEARCHED) continue;
    for (const text of wholeForms(value)) forms.set(text, { text, kind: 'whole' });
    for (const text of base64Forms(value)) if (!forms.has(text)) forms.set(text, { text, kind: 'base64' });
  }
  return [...forms.values()];
}

function wholeForms(value: string): readonly string[] {
  const json = jsonEscaped(value);
  const bytes = Buffer.from(value);
  const texts = [
    value,
    json,
    jsonEscaped(json),
    jsonEscaped(JSON.stringify(value)),
    json.replaceAll('/', '\\/'),
    json.replace(/[&<>'+=\u0080-\uffff]/g, unicodeEscape),
    json.replace(/[&<>\u2028\u2029]/g, unicodeEscape),
    html(value, { '"': '&quot;', "'": '&#39;' }),
    html(value, { '"': '&quot;', "'": '&#x27;' }),
    html(value, { '"': '&#34;', "'": '&#39;', '+': '&#43;' }),
    html(value, { '"': '&quot;', "'": '&#39;', '/': '&#x2F;', '`': '&#x60;', '=': '&#x3D;' }),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    [...value].join('\0'),
  ].map((text) => text.toWellFormed());
  const encoded = new Set(texts.flatMap(percentForms));
  return [...texts, ...encoded];
}

/** Encoded up to three times, as each client, proxy and redirect adds its own. */
function percentForms(text: string): readonly string[] {
  const once = [
    encodeURIComponent(text),
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    encodeURI(text),
    new URLSearchParams([['', text]]).toString().slice(1),
  ];
  const twice = once.map((form) => encodeURIComponent(form));
  const all = [...once, ...twice, ...twice.map((form) => encodeURIComponent(form))];
  return [...all, ...all.map(lowerCaseBytes)];
}

/** base64 works on groups of three bytes, so the same secret has three spellings, by where it begins. */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const forms: string[] = [];
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Characters that also carry bits of the neighbours are left out.
    const core = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    const percent = encodeURIComponent(core);
    forms.push(core, core.replaceAll('+', '-').replaceAll('/', '_'), percent, lowerCaseBytes(percent));
    forms.push(encodeURIComponent(percent), core.replaceAll('/', '\\/'));
  }
  return forms;
}

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const lowerCaseBytes = (text: string): string => text.replace(/%(?:25)*[0-9A-F]{2}/g, (byte) => byte.toLowerCase());

const unicodeEscape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

function html(text: string, more: Readonly<Record<string, string>>): string {
  const table: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', ...more };
  return text.replace(/[&<>"'+/`=]/g, (c) => table[c] ?? c);
}
