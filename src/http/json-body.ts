import type { BodyFormat } from '../model/body-format.ts';

const JSON_BODY: BodyFormat = Object.freeze({
  name: 'JSON',
  accept: 'application/json',
  isJson: true,
  parse(bytes: Buffer): unknown {
    const text = bytes.toString('utf8');
    const body: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return body;
  },
});

/** Bodies in JSON, the default of all streams. One byte order mark is allowed; the bytes that are kept still have it. */
export function json(): BodyFormat {
  return JSON_BODY;
}
