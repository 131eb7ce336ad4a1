/** A JSON text as a vendor may write it, and what a reader that rounds and loses nothing must make of it, as JSON too. */
export interface OddJson {
  readonly text: string;
  /** Numbers that a JavaScript number would change are texts here. */
  readonly read: string;
}

const NUMBERS: readonly OddJson[] = [
  ...['0', '1', '-7', '9007199254740991', '0.1', '1e2', '1E5', '1.0', '-0', '1.50', '2e-3'].map(same),
  ...[
    '9007199254740993',
    '-9007199254740993',
    '18446744073709551616',
    '1e400',
    '-1e400',
    '123456789012345678901234567890.123456789',
    '0.10000000000000000000000000000001',
    '3.141592653589793238462643383279',
  ].map((text) => ({ text, read: JSON.stringify(text) })),
];

const STRINGS: readonly OddJson[] = [
  '""',
  '"true"',
  '"0"',
  '"null"',
  '"\\u0000 in the middle"',
  '"\\ud800 alone"',
  '"\\udc00\\ud800 the wrong way round"',
  '"\u2028 and \u2029"',
  '"\u202e right to left"',
  '"👩‍👩‍👧‍👦"',
  '"\u00e9"',
  '"e\u0301"',
  '"\\u001b[31mred\\u0007"',
  '"\\/ \\\\ \\" \\b\\f\\n\\r\\t"',
  '"=cmd()"',
  '"2024-02-30T25:61:00"',
  '"0000-00-00"',
  `"${'long '.repeat(400)}"`,
].map(same);

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  'a.b',
  '/a~1b',
  '$ref',
  'é',
  'é',
  'polluted',
  '0',
];

const DEEPEST = 5;

function same(text: string): OddJson {
  return { text, read: text };
}

/** Any JSON value; objects have odd names, some of them twice. */
export function oddJson(random: () => number, depth = 0): OddJson {
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const kind = random();
  if (depth >= DEEPEST || kind < 0.5) {
    if (kind < 0.2) return pick(NUMBERS);
    if (kind < 0.4) return pick(STRINGS);
    return same(pick(['null', 'true', 'false', '[]', '{}', '[[]]']));
  }
  const items = Array.from({ length: 1 + Math.floor(random() * 4) }, () => oddJson(random, depth + 1));
  const blank = pick(['', ' ', '\t', '  ']);
  const joined = (part: keyof OddJson): string => items.map((item) => blank + item[part]).join(',');
  if (kind < 0.65) return { text: `[${joined('text')}${blank}]`, read: `[${joined('read')}]` };
  const names = items.map(() => JSON.stringify(pick(NAMES)));
  const fields = (part: keyof OddJson): string =>
    items.map((item, index) => `${blank}${names[index]}:${item[part]}`).join(',');
  return { text: `{${fields('text')}${blank}}`, read: `{${fields('read')}}` };
}

/** The same for the same value, whatever the order of its fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
