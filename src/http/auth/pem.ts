/**
 * The PEM text of a key that was squeezed into one line: environment files and variables hold no line breaks. Understood
 * are `\n` in place of the breaks, blanks in place of them, none at all, and the whole text in base64.
 */
export function pemText(text: string): string {
  const trimmed = text.trim();
  const plain = trimmed.startsWith('LS0tLS1') ? Buffer.from(trimmed, 'base64').toString('latin1') : trimmed;
  const found = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/.exec(plain.replaceAll(/\\r|\\n/g, '\n'));
  if (found === null) return plain;
  const [, label = '', body = ''] = found;
  const lines = body.replaceAll(/\s+/g, '').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** What must not be shown of a key: the whole of it, and each line, since messages are cut at line breaks. */
export function pemSecrets(pem: string): readonly string[] {
  return [pem, ...pem.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'))];
}
