import type { SeededRandom } from '../_kit/seeded-random.ts';
import type { Json } from './contract.ts';

export interface Written {
  /** What Cloud serves. */
  readonly document: Json | null;
  /** What Data Center serves. */
  readonly wiki: string | null;
  /** What a reader sees of the document. */
  readonly text: string | null;
}

interface Block {
  readonly node: Json;
  readonly text: string;
  readonly wiki: string;
}

const words = [
  'login',
  'token',
  'bucket',
  'policy',
  'пароль',
  '鍵',
  'naïve',
  'role',
  'scan',
  'patch',
  'owner',
  'alert',
];

/** A description, written block by block together with the text that a reader sees; one in five issues has none. */
export function writeDescription(random: SeededRandom): Written {
  if (random.chance(0.2)) return { document: null, wiki: null, text: null };
  const blocks = Array.from({ length: random.int(1, 4) }, () => random.pick(kinds)(random));
  return {
    document: { type: 'doc', version: 1, content: blocks.map(({ node }) => node) },
    wiki: blocks.map(({ wiki }) => wiki).join('\n\n'),
    text: blocks.map(({ text }) => text).join('\n\n'),
  };
}

const sentence = (random: SeededRandom): string =>
  Array.from({ length: random.int(2, 6) }, () => random.pick(words)).join(' ');
const textNode = (text: string, marks?: readonly Json[]): Json => ({ type: 'text', text, ...(marks ? { marks } : {}) });
const paragraphOf = (...content: readonly Json[]): Json => ({ type: 'paragraph', content });

const kinds: readonly ((random: SeededRandom) => Block)[] = [
  (random) => {
    const [a, b] = [sentence(random), sentence(random)];
    const bold = textNode(a, [{ type: 'strong' }]);
    return { node: paragraphOf(bold, { type: 'hardBreak' }, textNode(b)), text: `${a}\n${b}`, wiki: `*${a}*\\\\${b}` };
  },
  (random) => {
    const text = sentence(random);
    const node = { type: 'heading', attrs: { level: 2 }, content: [textNode(text)] };
    return { node, text, wiki: `h2. ${text}` };
  },
  (random) => {
    const items = Array.from({ length: random.int(1, 3) }, () => sentence(random));
    const isOrdered = random.chance(0.5);
    const content = items.map((item) => ({ type: 'listItem', content: [paragraphOf(textNode(item))] }));
    const node = isOrdered ? { type: 'orderedList', attrs: { order: 3 }, content } : { type: 'bulletList', content };
    const text = items.map((item, index) => `${isOrdered ? `${index + 3}.` : '-'} ${item}`).join('\n');
    return { node, text, wiki: items.map((item) => `* ${item}`).join('\n') };
  },
  (random) => {
    const code = `${random.pick(words)} = 1\n${random.pick(words)} = 2`;
    const node = { type: 'codeBlock', attrs: { language: 'python' }, content: [textNode(code)] };
    return { node, text: code, wiki: `{code}${code}{code}` };
  },
  (random) => {
    const word = random.pick(words);
    const node = paragraphOf(
      { type: 'mention', attrs: { id: 'x', text: '@Ada' } },
      textNode(` ${word} `),
      { type: 'emoji', attrs: { shortName: ':+1:', text: '👍' } },
      textNode(' '),
      { type: 'date', attrs: { timestamp: '1767225600000' } },
      textNode(' '),
      { type: 'inlineCard', attrs: { url: 'https://example.com/a' } },
    );
    return { node, text: `@Ada ${word} 👍 2026-01-01 https://example.com/a`, wiki: `[~ada] ${word}` };
  },
  (random) => {
    const [a, b] = [random.pick(words), random.pick(words)];
    const cell = (type: string, text: string): Json => ({ type, content: [paragraphOf(textNode(text))] });
    const row = (type: string): Json => ({ type: 'tableRow', content: [cell(type, a), cell(type, b)] });
    const node = { type: 'table', content: [row('tableHeader'), row('tableCell')] };
    return { node, text: `${a} | ${b}\n${a} | ${b}`, wiki: `||${a}||${b}||\n|${a}|${b}|` };
  },
  (random) => {
    const [a, b] = [sentence(random), sentence(random)];
    const task = (state: string, text: string): Json => ({
      type: 'taskItem',
      attrs: { state },
      content: [textNode(text)],
    });
    const node = { type: 'taskList', attrs: { localId: '1' }, content: [task('DONE', a), task('TODO', b)] };
    return { node, text: `[x] ${a}\n[ ] ${b}`, wiki: `${a}\n${b}` };
  },
  (random) => {
    const text = sentence(random);
    // A node that no client knows yet, with text that must not be lost, and one without anything inside.
    const node = {
      type: 'futureNode',
      content: [{ type: 'panel', attrs: { panelType: 'info' }, content: [paragraphOf(textNode(text))] }, { type: 'x' }],
    };
    return { node, text, wiki: text };
  },
];
