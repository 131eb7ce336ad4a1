import type { BodyFormat } from '../model/body-format.ts';
import { mayRound, parseLossless, withTexts } from '../util/lossless-json.ts';

/**
 * Bodies of one JSON text per line, as exports have them; `parse` gives the array of them. Empty lines are passed over. A
 * number that a JavaScript number would change is the text it was spelled with.
 */
export function ndjson(): BodyFormat {
  return {
    name: 'NDJSON',
    accept: 'application/x-ndjson',
    isJson: false,
    parse(bytes) {
      const text = bytes.toString('utf8');
      const lines = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).split('\n');
      return lines.flatMap((line) => (line.trim() === '' ? [] : [parsed(line)]));
    },
  };
}

function parsed(line: string): unknown {
  return mayRound(line) ? withTexts(parseLossless(line)) : JSON.parse(line);
}
