import type { BodyFormat } from '../model/body-format.ts';

/** Bodies in JSON, the default of all streams. One byte order mark is allowed; the bytes that are kept still have it. */
export function json(): BodyFormat {
  return {
    name: 'JSON',
    accept: 'application/json',
    isJson: true,
    parse(bytes) {
      const text = bytes.toString('utf8');
      return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    },
  };
}
