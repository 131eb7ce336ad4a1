/** The keys, as the runtime writes them, that a key on the command line may mean. */
export function keysMeant(text: string): ReadonlySet<string> {
  const keys = new Set([text, `\u0000${text}`]);
  for (const parts of arraysMeant(text)) keys.add(JSON.stringify(parts));
  return keys;
}

/** `["a",7]`: numbers and booleans are marked as such in a key, text is not. */
function arraysMeant(text: string): readonly (readonly string[])[] {
  if (!text.startsWith('[')) return [];
  try {
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts)) return [];
    return [parts.map((part) => (typeof part === 'string' ? part : `\u0000${JSON.stringify(part)}`))];
  } catch {
    return [];
  }
}

/** Below this many characters a text stands in too many places by chance. */
const TELLING = 4;

/** What would betray a record where it is not looked for: the parts of its key. */
export function tellingParts(text: string): readonly string[] {
  const parts = arraysMeant(text).flatMap((all) => all.map((part) => part.replace('\u0000', '')));
  return [...new Set([text, ...parts])].filter((part) => part.length >= TELLING && !part.startsWith('['));
}

/** A pattern that finds these texts where they stand by themselves, also as they are written in a URL. */
export function wholePattern(texts: readonly string[]): RegExp | undefined {
  const forms = [...new Set(texts.flatMap((text) => [text, encodeURIComponent(text)]))];
  if (forms.length === 0) return undefined;
  const escaped = forms.map((form) => form.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`(?<![A-Za-z0-9])(?:${escaped.join('|')})(?![A-Za-z0-9])`, 'g');
}
