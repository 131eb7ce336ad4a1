/**
 * Replaces one origin by another in any text: URLs, Link headers, JSON (also with `\/`), and URLs that are a parameter of
 * another URL, percent-encoded once or twice. `http://127.0.0.1:80` inside `http://127.0.0.1:8080` stays.
 */
export function originRewriter(from: string, to: string): (text: string) => string {
  const source = new URL(from);
  const target = new URL(to).origin;
  if (source.origin === target) return (text) => text;
  const forms = [plain, slashEscaped, encodeURIComponent, lowerEncoded, twiceEncoded];
  const steps = forms.map((form) => ({
    form: new RegExp(`${literal(form(source.origin))}(?![A-Za-z0-9-]|\\.[A-Za-z0-9]|(?::|%3[Aa]|%253[Aa])\\d)`, 'g'),
    replacement: form(target),
  }));
  return (text) => {
    // The host is in every form as it is, so most texts need one look only.
    if (!text.includes(source.hostname)) return text;
    return steps.reduce((result, step) => result.replace(step.form, () => step.replacement), text);
  };
}

const plain = (text: string): string => text;
const slashEscaped = (text: string): string => text.replaceAll('/', '\\/');
const twiceEncoded = (text: string): string => encodeURIComponent(encodeURIComponent(text));
const lowerEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());

/** The text as a regular expression that matches just it. */
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
