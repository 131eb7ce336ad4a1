// This file shares no code and no list with the scrubber: a spelling or a name that one forgets, the other may know. The
// scrubber encodes what it looks for; this one decodes what it finds.
import { isObject } from '../util/json.ts';
import type { Secret } from '../util/secret.ts';

export interface SecretFinding {
  /** JSON pointer into the snapshot; the name of a field that is itself a secret is shown as `(name)`. */
  readonly pointer: string;
  /** What was found, never its value. */
  readonly what: string;
}

export interface SecretCheckOptions {
  readonly secrets: readonly Secret[];
}

/** A value shorter than this is only found where it is the whole text. */
const SEARCHED_LENGTH = 8;
const KNOWN_PREFIXES: readonly (readonly [kind: string, prefix: string, tail: number])[] = [
  ['GitHub', 'ghp_', 30],
  ['GitHub', 'gho_', 30],
  ['GitHub', 'ghs_', 30],
  ['GitHub', 'ghu_', 30],
  ['GitHub', 'ghr_', 30],
  ['GitHub', 'github_pat_', 30],
  ['GitLab', 'glpat-', 20],
  ['Slack', 'xoxb-', 20],
  ['Slack', 'xoxp-', 20],
  ['Stripe', 'sk_live_', 16],
  ['Stripe', 'rk_live_', 16],
  ['AWS', 'AKIA', 16],
  ['Google', 'AIza', 30],
  ['Snyk', 'snyk_uat.', 20],
  ['Snyk', 'snyk_sat.', 20],
  ['npm', 'npm_', 36],
  ['Shopify', 'shpat_', 32],
  ['SendGrid', 'SG.', 40],
  ['Anthropic', 'sk-ant-', 30],
  ['JWT', 'eyJhbGciOi', 30],
  ['Notion', 'ntn_', 40],
];
const AUTH_PLACE =
  /(?:^|[^a-z])(?:auth|authorization|bearer|token|secret|passw(?:or)?d|pwd|pin|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|credentials?|cookie|session(?:[_-]?id)?|jwt|signature)s?(?:[^a-z]|$)/;
const NO_AUTH_PLACE =
  /page|paging|next|prev|cursor|contin|sync|start|after|before|scroll|delta|marker|resume|offset|type|count|expir|_at$|_ur[il]$/;

/**
 * Looks through the finished text of a snapshot for what must not be in it: the given secrets, read through percent-encoding,
 * JSON and HTML escapes, base64, hex and UTF-16 in any nesting up to three deep; credentials with a well-known beginning; and
 * random-looking values where credentials usually stand. Empty means that nothing was found.
 */
export function secretCheck(text: string, options: SecretCheckOptions): readonly SecretFinding[] {
  const values = options.secrets.map((secret) => secret.reveal()).filter((value) => value !== '');
  const findings: SecretFinding[] = [];

  const examine = (value: string, pointer: string): boolean => {
    const before = findings.length;
    const readings = readingsOf(value);
    for (const [index, secret] of values.entries()) {
      if (isReadable(secret, value, readings)) findings.push({ pointer, what: `configured secret ${index + 1}` });
    }
    for (const [kind, prefix, tail] of KNOWN_PREFIXES) {
      if (readings.some((reading) => hasToken(reading, prefix, tail)))
        findings.push({ pointer, what: `${kind} credential` });
    }
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value)) findings.push({ pointer, what: 'private key' });
    for (const [, scheme, token] of value.matchAll(/\b(Bearer|Basic|SSWS) +([^\s"',;<>]{12,4096})/gi)) {
      if (looksRandom(token ?? '')) findings.push({ pointer, what: `random-looking ${scheme} credential` });
    }
    for (const [, name, parameter] of value.matchAll(/(?:^|[?&;])([\w.%[\]-]{1,128})=([^&#;\s"'<>]{12,4096})/g)) {
      if (isAuthPlace(name ?? '') && looksRandom(parameter ?? '')) {
        findings.push({ pointer, what: 'random-looking value of a query parameter that holds credentials' });
      }
    }
    return findings.length > before;
  };

  const walk = (value: unknown, pointer: string, name: string): void => {
    if (typeof value === 'string') {
      examine(value, pointer);
      if (isAuthPlace(name) && looksRandom(value))
        findings.push({ pointer, what: 'random-looking value where credentials stand' });
      const inner = nestedJson(value);
      if (inner !== undefined) walk(inner, `${pointer}#`, name);
    } else if (typeof value === 'number') {
      examine(String(value), pointer);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, `${pointer}/${index}`, name);
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        const isSecret = examine(key, `${pointer}/(name)`);
        const shown = isSecret ? '(name)' : key.replaceAll('~', '~0').replaceAll('/', '~1');
        walk(item, `${pointer}/${shown}`, key);
      }
    }
  };

  const document = nestedJson(text);
  if (document === undefined) examine(text, '');
  else walk(document, '', '');
  return unique(findings);
}

function isReadable(secret: string, value: string, readings: readonly string[]): boolean {
  if (secret.length < SEARCHED_LENGTH) return value === secret;
  const squeezed = secret.replace(/\r?\n/g, '\n');
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 24 && !line.includes('-----'));
  return [squeezed, ...lines].some((part) => {
    // Bytes out of base64 and hex are read as Latin-1.
    const latin = Buffer.from(part).toString('latin1');
    return readings.some((reading) => reading.includes(part) || reading.includes(latin));
  });
}

/** The text itself and all that it may be read as. */
function readingsOf(text: string): readonly string[] {
  const seen = new Set([text]);
  let latest = [text];
  for (let depth = 0; depth < 3 && latest.length > 0; depth++) {
    const found: string[] = [];
    for (const from of latest) {
      for (const read of [fromPercent, fromForm, fromEscapes, fromHtml, fromWide, fromLines, fromBase64, fromHex]) {
        for (const reading of read(from)) {
          if (seen.has(reading)) continue;
          seen.add(reading);
          found.push(reading);
        }
      }
    }
    latest = found;
  }
  return [...seen];
}

function fromPercent(text: string): readonly string[] {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return [];
  return [text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))];
}

const fromForm = (text: string): readonly string[] =>
  text.includes('+') && text.includes('%') ? fromPercent(text.replaceAll('+', ' ')) : [];

function fromEscapes(text: string): readonly string[] {
  if (!text.includes('\\')) return [];
  const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  return [
    text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_match, unit: string | undefined, character: string | undefined) =>
      unit === undefined ? (plain[character ?? ''] ?? character ?? '') : String.fromCharCode(Number.parseInt(unit, 16)),
    ),
  ];
}

function fromHtml(text: string): readonly string[] {
  if (!/&[#a-z]/.test(text)) return [];
  const names: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    plus: '+',
    equals: '=',
  };
  return [
    text.replace(
      /&(?:#(\d{1,6})|#x([0-9A-Fa-f]{1,5})|([a-z]{2,6}));/g,
      (match, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return names[name] ?? match;
        const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10);
        return code <= 0x10ffff ? String.fromCodePoint(code) : match;
      },
    ),
  ];
}

const fromWide = (text: string): readonly string[] => (text.includes('\0') ? [text.replaceAll('\0', '')] : []);

/** Folded base64, and texts with Windows line ends. */
const fromLines = (text: string): readonly string[] =>
  /[\r\n]/.test(text) ? [text.replaceAll('\r\n', '\n'), text.replace(/[\r\n]+/g, '')] : [];

/** All runs, each read from its first four places: nobody knows where in it the encoding begins. */
function fromBase64(text: string): readonly string[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{11,}/g) ?? [];
  if (runs.length === 0) return [];
  return [0, 1, 2, 3].map((skip) =>
    runs.map((run) => Buffer.from(run.slice(skip), 'base64').toString('latin1')).join('\n'),
  );
}

function fromHex(text: string): readonly string[] {
  const runs = text.match(/(?:[0-9A-Fa-f]{2}){8,}/g) ?? [];
  return runs.length === 0 ? [] : [runs.map((run) => Buffer.from(run, 'hex').toString('latin1')).join('\n')];
}

function hasToken(text: string, prefix: string, tail: number): boolean {
  for (let at = text.indexOf(prefix); at !== -1; at = text.indexOf(prefix, at + 1)) {
    if (at > 0 && /[A-Za-z0-9]/.test(text.charAt(at - 1))) continue;
    if (/^[\w.=-]*/.exec(text.slice(at + prefix.length, at + prefix.length + tail))?.[0].length === tail) return true;
  }
  return false;
}

function isAuthPlace(name: string): boolean {
  const snake = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return AUTH_PLACE.test(snake) && !NO_AUTH_PLACE.test(snake);
}

/** At least 20 characters without spaces, letters and digits, and 3.3 bits of entropy a character (a UUID has about 3.4). */
function looksRandom(value: string): boolean {
  const text = value.replace(/(?:<|%3C)secret:\d+(?:>|%3E)/g, '');
  if (text.length < 20 || /\s|:\/\//.test(text) || !/\d/.test(text) || !/[A-Za-z]/.test(text)) return false;
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits >= 3.3;
}

function nestedJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unique(findings: readonly SecretFinding[]): readonly SecretFinding[] {
  return [...new Map(findings.map((finding) => [`${finding.pointer}\n${finding.what}`, finding])).values()];
}
