type Node = Readonly<Record<string, unknown>>;

/** Deeper than any editor nests, far below what the stack holds. */
const DEEPEST = 100;

/** Nodes whose children stand in one line. https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */
const LINES = new Set(['paragraph', 'heading', 'codeBlock', 'taskItem', 'decisionItem', 'caption']);

/** Blocks whose parts belong together: no empty line between them. */
const TIGHT = new Set(['bulletList', 'orderedList', 'taskList', 'decisionList', 'listItem', 'table', 'mediaGroup']);

/**
 * The plain text of a description: of a document in the Atlassian Document Format, or of a text, which is left as it
 * is. Null where there is none. Nodes that are not known give the text inside them; nothing is thrown for any value.
 */
export function plainText(description: unknown): string | null {
  const text = typeof description === 'string' ? description : nodeText(description, 0);
  return text.trim() === '' ? null : text.trim();
}

function nodeText(value: unknown, depth: number): string {
  if (!isNode(value) || depth > DEEPEST) return '';
  const own = ownText(value);
  if (own !== undefined) return own;
  const { type } = value;
  const parts = childrenOf(value).map((child) => nodeText(child, depth + 1));
  if (type === 'bulletList') return listed(parts, () => '- ');
  if (type === 'orderedList') return listed(parts, (index) => `${firstNumber(value) + index}. `);
  if (type === 'taskItem') return `[${attr(value, 'state') === 'DONE' ? 'x' : ' '}] ${parts.join('')}`;
  if (type === 'tableRow') return parts.map((cell) => cell.replaceAll('\n', ' ')).join(' | ');
  if (LINES.has(String(type))) return parts.join('');
  const title = type === 'expand' || type === 'nestedExpand' ? attr(value, 'title') : '';
  const blocks = [title, ...parts].filter((part) => part.trim() !== '');
  return blocks.join(TIGHT.has(String(type)) ? '\n' : '\n\n');
}

/** The text of a node that has no children; undefined for all others. */
function ownText(node: Node): string | undefined {
  switch (node['type']) {
    case 'text':
      return typeof node['text'] === 'string' ? node['text'] : '';
    case 'hardBreak':
      return '\n';
    case 'rule':
      return '---';
    case 'mention':
    case 'status':
    case 'placeholder':
      return attr(node, 'text');
    case 'emoji':
      return attr(node, 'text') || attr(node, 'shortName');
    case 'date':
      return day(attr(node, 'timestamp'));
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return attr(node, 'url');
    case 'media':
    case 'mediaInline':
      return attr(node, 'alt');
    default:
      return undefined;
  }
}

/** Items behind their marks; what an item has below its first line moves in with it. */
function listed(items: readonly string[], mark: (index: number) => string): string {
  return items
    .map((item, index) => mark(index) + item.replaceAll('\n', `\n${' '.repeat(mark(index).length)}`))
    .join('\n');
}

function firstNumber(node: Node): number {
  const order = Number(attr(node, 'order'));
  return Number.isInteger(order) && order > 0 ? order : 1;
}

/** Milliseconds since 1970 as `2026-11-22`; as it is when it is no such number. */
function day(timestamp: string): string {
  const date = new Date(Number(timestamp));
  return timestamp === '' || Number.isNaN(date.getTime()) ? timestamp : date.toISOString().slice(0, 10);
}

function attr(node: Node, name: string): string {
  const { attrs } = node;
  const value = isNode(attrs) ? attrs[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function childrenOf({ content }: Node): readonly unknown[] {
  return Array.isArray(content) ? content : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
