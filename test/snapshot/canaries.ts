/** A secret with every character that an encoding spells its own way. */
export const CANARY = 'k4+Zq/9=Lw%r"T8\nx$&Vb2#Jm<5>Pd';

/** Twelve spellings under which a server may send it back. */
export const SPELLINGS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'percent-encoded': (secret) => encodeURIComponent(secret),
  'percent-encoded, lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64 of user:token': (secret) => Buffer.from(`ann:${secret}`).toString('base64'),
  'base64url of user:token:x': (secret) => Buffer.from(`me@x:${secret}:xyz`).toString('base64url'),
  'escaped for JSON': (secret) => JSON.stringify(secret).slice(1, -1),
  'escaped for JSON twice': (secret) => JSON.stringify(JSON.stringify(secret)).slice(1, -1),
  'escaped for HTML': (secret) =>
    secret.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? '&quot;'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
};

/**
 * Finds a secret in a finished file by code of its own: every string is unescaped four times over, and every word in it is
 * read as base64 and as hex from each of its first places.
 */
export function leaks(file: string, secret: string): readonly string[] {
  const texts = [file];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) value.forEach(collect);
    else if (typeof value === 'object' && value !== null) Object.entries(value).flat().forEach(collect);
  };
  collect(JSON.parse(file));
  const found: string[] = [];
  for (const text of texts) {
    let reading = text;
    for (let pass = 0; pass < 4; pass++) {
      if (reading.includes(secret)) found.push(`pass ${pass}`);
      if (reading.includes(JSON.stringify(secret).slice(1, -1))) found.push(`pass ${pass}, JSON`);
      reading = reading
        .replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
        .replace(/\\(.)/g, (_match, c: string) => (c === 'n' ? '\n' : c));
    }
    for (const word of text.split(/[^A-Za-z0-9+/=_-]+/)) {
      for (let start = 0; start < Math.min(word.length, 64); start++) {
        if (word.length - start < 12) break;
        if (Buffer.from(word.slice(start), 'base64').includes(secret)) found.push('base64');
        if (Buffer.from(word.slice(start), 'hex').includes(secret)) found.push('hex');
      }
    }
  }
  return found;
}
