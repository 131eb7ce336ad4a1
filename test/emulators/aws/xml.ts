/** An element's content: a text, elements by name (in order), or a list of elements of one name. */
export type Node = string | { readonly [name: string]: Node | readonly Node[] | undefined };

export const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The XML of an element. Undefined ones are left out, '' is an empty element, `@name` is an attribute. */
export function element(name: string, content: Node): string {
  if (typeof content === 'string') return content === '' ? `<${name}/>` : `<${name}>${escaped(content)}</${name}>`;
  const entries = Object.entries(content);
  const attributes = entries.map(([key, value]) =>
    key.startsWith('@') && typeof value === 'string' ? ` ${key.slice(1)}="${escaped(value)}"` : '',
  );
  const inside = entries.flatMap(([key, value]) => {
    if (value === undefined || key.startsWith('@')) return [];
    const list: readonly Node[] = isList(value) ? value : [value];
    return list.map((item) => element(key, item));
  });
  const start = `${name}${attributes.join('')}`;
  return inside.length === 0 ? `<${start}/>` : `<${start}>${inside.join('')}</${name}>`;
}

function isList(value: Node | readonly Node[]): value is readonly Node[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text
    .replaceAll(/[&<>"]/g, (char) => named[char] ?? char)
    .replaceAll(/[\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
