import type { PageRequest } from '../model/http.ts';

interface RequestBody {
  readonly text: string;
  readonly contentType: string;
}

/** What a page request sends as its body; undefined for none. */
export function requestBody({ json, form }: PageRequest): RequestBody | undefined {
  if (json !== undefined) return { text: JSON.stringify(json), contentType: 'application/json' };
  if (form === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) if (value !== undefined) fields.append(name, String(value));
  return { text: fields.toString(), contentType: 'application/x-www-form-urlencoded; charset=utf-8' };
}
