import { type KeyedRequest, type RequestKey, isSameText, requestKey } from './request-key.ts';
import { isSecretName } from './secret-names.ts';

/** The recorded request that shares most with one that was asked, and what is different. */
export interface Nearest<Recorded extends KeyedRequest> {
  readonly request: Recorded;
  /** One line for each part, e.g. `query updated_after: recorded "2024-01-01", asked "2024-06-01"`. Empty: they are the same. */
  readonly differences: readonly string[];
}

/** Finds the recorded request nearest to `asked`; undefined when nothing is recorded. The first of equals wins. */
export function nearest<Recorded extends KeyedRequest>(
  asked: KeyedRequest,
  recorded: readonly Recorded[],
): Nearest<Recorded> | undefined {
  const key = requestKey(asked);
  let best: { readonly request: Recorded; readonly key: RequestKey; readonly score: number } | undefined;
  for (const request of recorded) {
    const candidate = requestKey(request);
    const score = likeness(candidate, key);
    if (best === undefined || score > best.score) best = { request, key: candidate, score };
  }
  return best === undefined ? undefined : { request: best.request, differences: differences(best.key, key) };
}

/** The path weighs most: a request to the same place with another parameter is what is usually meant. */
function likeness(recorded: RequestKey, asked: RequestKey): number {
  const paths = [recorded.path.split('/'), asked.path.split('/')] as const;
  const longest = Math.max(paths[0].length, paths[1].length);
  const shared = paths[0].filter((part, index) => isSameText(part, paths[1][index] ?? '/')).length;
  const values = new Map(recorded.query);
  const names = new Set([...values.keys(), ...asked.query.map(([name]) => name)]);
  const equal = asked.query.filter(([name, value]) => isSameText(values.get(name) ?? '\0', value)).length;
  const sameNames = asked.query.filter(([name]) => values.has(name)).length;
  return (
    (shared / longest) * 8 +
    (isSameText(recorded.path, asked.path) ? 4 : 0) +
    (recorded.method === asked.method ? 3 : 0) +
    (names.size === 0 ? 2 : (equal + sameNames) / names.size) +
    (isSameText(recorded.body, asked.body) ? 1 : 0)
  );
}

function differences(recorded: RequestKey, asked: RequestKey): readonly string[] {
  const lines: string[] = [];
  if (recorded.method !== asked.method) lines.push(`method: recorded ${recorded.method}, asked ${asked.method}`);
  if (!isSameText(recorded.path, asked.path)) lines.push(`path: recorded ${recorded.path}, asked ${asked.path}`);
  for (const name of new Set([...recorded.query, ...asked.query].map(([parameter]) => parameter))) {
    const was = valuesOf(recorded, name);
    const is = valuesOf(asked, name);
    if (was.length === is.length && was.every((value, index) => isSameText(value, is[index] ?? ''))) continue;
    lines.push(`query ${name}: recorded ${shown(name, was)}, asked ${shown(name, is)}`);
  }
  if (!isSameText(recorded.body, asked.body)) lines.push(bodyDifference(recorded.body, asked.body));
  return lines;
}

const valuesOf = (key: RequestKey, name: string): readonly string[] =>
  key.query.filter(([parameter]) => parameter === name).map(([, value]) => value);

function shown(name: string, values: readonly string[]): string {
  if (values.length === 0) return 'without it';
  if (isSecretName(name)) return '<secret>';
  return values.map((value) => JSON.stringify(value)).join(' and ');
}

const SHOWN_BODY = 60;

/** A body may hold credentials in fields that we do not know, so only the neighbourhood of the first difference is shown. */
function bodyDifference(recorded: string, asked: string): string {
  let at = 0;
  while (at < recorded.length && recorded.charAt(at) === asked.charAt(at)) at++;
  const start = Math.max(0, at - SHOWN_BODY / 3);
  const part = (text: string): string => {
    if (text === '') return 'without one';
    const end = start + SHOWN_BODY;
    return `${start > 0 ? '…' : ''}${text.slice(start, end)}${text.length > end ? '…' : ''}`;
  };
  return `body: recorded ${part(recorded)}, asked ${part(asked)}`;
}
