import type { Secret } from '../util/secret.ts';
import { bodyBytes, textBody } from './body.ts';
import { emailFakes } from './email-fakes.ts';
import { mapJsonStrings } from './json-strings.ts';
import { isNoSecretValue, isSecretName } from './secret-names.ts';
import { type KnownForm, secretValues } from './secret-values.ts';
import type { Interaction, Snapshot, SnapshotResponse } from './snapshot-file.ts';
import { tokenShapes } from './token-shapes.ts';

/** What an integration adds to the rules that always hold. */
export interface ScrubRules {
  /** More fields, parameters or elements that hold a secret, by their exact name. */
  readonly secretNames?: readonly string[];
  /** Names that look like a secret's and hold none. */
  readonly plainNames?: readonly string[];
  /** More shapes of credentials; group 1, or the whole match, is replaced. Must be global and linear. */
  readonly patterns?: readonly RegExp[];
  /** Default true: e-mail addresses become `person-<n>@example.com`. */
  readonly fakeEmails?: boolean;
}

export interface Scrubber {
  /** A snapshot that holds no secret that any rule knows. Placeholders and fakes are stable within it. */
  snapshot(snapshot: Snapshot): Snapshot;
  /** One text (a URL, a header, a body), with all that was learned so far. */
  text(text: string): string;
}

/**
 * Takes secrets out of a recording before anything touches the disk: every configured value in all its encodings, what
 * stands under the name of a credential, what has the shape of one, and e-mail addresses. A value found by its name in one
 * place (the answer to a login) is taken out of every other place too.
 *
 * Placeholders are `<secret:1>` in texts and `%3Csecret:1%3E` inside URLs, where `<` and `>` would end a Link header's URL.
 */
export function scrubber(options: { readonly secrets: readonly Secret[]; readonly rules?: ScrubRules }): Scrubber {
  const rules = options.rules ?? {};
  const values = secretValues(options.secrets.map((secret) => secret.reveal()));
  const fake = rules.fakeEmails === false ? (text: string): string => text : emailFakes();
  const shapes: Search['shapes'] = [...tokenShapes(), ...(rules.patterns ?? []).map((pattern) => ({ pattern }))];
  const isSecret = (name: string): boolean =>
    (rules.secretNames?.includes(name) ?? false) ||
    (isSecretName(name) && !(rules.plainNames?.includes(name) ?? false));

  const named = (value: string): string => {
    if (isNoSecretValue(value)) return value;
    if (isRandomLooking(value)) values.learn(value);
    return values.placeholder(value);
  };

  /** What of the long lists occurs in a text at all, so that the many strings cut from it need not be searched for all. */
  const searchFor = (text: string): Search => ({
    forms: values.presentIn(text),
    shapes: shapes.filter(({ pattern }) => text.search(pattern) !== -1),
  });

  const plain = (text: string, search = searchFor(text)): string => {
    let result = values.replaceIn(text, search.forms);
    for (const { pattern, needsDigit } of search.shapes) {
      result = result.replace(pattern, (match, ...groups: readonly unknown[]) => {
        const secret = typeof groups[0] === 'string' ? groups[0] : match;
        if (needsDigit && !/\d/.test(secret)) return match;
        if (/^(?:<secret:\d+>|[^<]*%3Csecret:)/.test(secret)) return match;
        return match.replace(secret, () => values.placeholder(secret));
      });
    }
    if (result.includes('=')) {
      result = result.replace(PARAMETER, (match, before: string, name: string, value: string) =>
        isSecret(decodedPart(name)) ? `${before}${name}=${named(decodedPart(value))}` : match,
      );
    }
    return urlSafePlaceholders(fake(result));
  };

  const json = (text: string): string => {
    // A string with escapes reads otherwise than its text, so such strings are added in their decoded form.
    const readings = [text];
    mapJsonStrings(text, (value, _place, raw) => {
      if (value !== raw) readings.push(value);
      return value;
    });
    const search = searchFor(readings.join('\n'));
    return mapJsonStrings(
      text,
      (value, place) =>
        place.kind === 'value' && place.key !== undefined && isSecret(place.key) ? named(value) : plain(value, search),
      (rest) => rest.replace(/\d{8,}/g, (digits) => quotedIfSecret(digits, values.replaceIn(digits, search.forms))),
    );
  };

  /** A body of any kind: JSON is edited string by string, so that it stays JSON and all else in it stays as it came. */
  const body = (text: string): string => {
    if (isJson(text)) return json(text);
    const marked = text
      .replace(JSON_FIELD, (match, start: string, name: string, value: string) =>
        isSecret(name) ? `${start}${named(value)}"` : match,
      )
      .replace(ELEMENT, (match, start: string, name: string, value: string) =>
        isSecret(name) ? `${start}${named(value)}</` : match,
      );
    return plain(marked);
  };

  const record = (entries: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(entries).map(([name, value]) => [name, isSecret(name) ? named(value) : plain(value)]),
    );

  const response = (from: SnapshotResponse): SnapshotResponse => {
    const { status } = from;
    const headers = record(from.headers);
    if ('base64' in from) {
      const text = bodyBytes(from).toString('latin1');
      return { status, headers, base64: Buffer.from(plain(text), 'latin1').toString('base64') };
    }
    if ('text' in from) return { status, headers, text: body(from.text) };
    return { status, headers, ...textBody(json(JSON.stringify(from.json))) };
  };

  const interaction = (from: Interaction): Interaction => ({
    request: {
      ...from.request,
      url: plain(from.request.url),
      ...(from.request.headers === undefined ? {} : { headers: record(from.request.headers) }),
      ...(from.request.body === undefined ? {} : { body: body(from.request.body) }),
    },
    response: response(from.response),
  });

  return {
    text: body,
    snapshot(snapshot) {
      // The first pass only learns: a token that a login answers with may stand in an earlier request already.
      snapshot.interactions.forEach(interaction);
      const entities = Object.entries(snapshot.expected.entities).map(
        ([table, rows]) => [table, rows.map((row) => asObject(json(JSON.stringify(row)), row))] as const,
      );
      return {
        ...snapshot,
        ...(snapshot.note === undefined ? {} : { note: plain(snapshot.note) }),
        source: plain(snapshot.source),
        config: record(snapshot.config),
        interactions: snapshot.interactions.map(interaction),
        expected: { ...snapshot.expected, entities: Object.fromEntries(entities) },
      };
    },
  };
}

interface Search {
  readonly forms: readonly KnownForm[];
  readonly shapes: readonly { readonly pattern: RegExp; readonly needsDigit?: true | undefined }[];
}

const PARAMETER = /(^|[?&])([A-Za-z0-9_.[\]%-]{1,128})=([^&#\s"'<>]{1,8192})/g;
const JSON_FIELD = /("([A-Za-z0-9_.-]{1,64})"\s{0,8}:\s{0,8}")([^"\\]{1,8192}(?:\\.[^"\\]{0,8192}){0,64})"/g;
const ELEMENT = /(<([A-Za-z][A-Za-z0-9_.:-]{0,63})>)([^<]{1,8192})<\//g;

/** Random enough to be looked for everywhere; `{"password": "default"}` is replaced where it stands alone. */
const isRandomLooking = (value: string): boolean =>
  value.length >= 16 && !/\s/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value);

const quotedIfSecret = (digits: string, replaced: string): string =>
  replaced === digits ? digits : JSON.stringify(replaced);

function urlSafePlaceholders(text: string): string {
  if (!text.includes('<secret:')) return text;
  return text
    .replace(/https?:\/\/(?:[^\s"'<>]|<secret:\d+>)+/g, (url) => url.replace(/<(secret:\d+)>/g, '%3C$1%3E'))
    .replace(/(^\/[^\s"'<>]{0,4096}|[?&][A-Za-z0-9_.[\]%-]{1,128}=)<(secret:\d+)>/g, '$1%3C$2%3E');
}

function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function isJson(text: string): boolean {
  if (!/^\s*["[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function asObject(text: string, otherwise: Record<string, unknown>): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : otherwise;
}
