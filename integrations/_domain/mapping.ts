import { z } from 'zod';

// What several integrations need to bring a vendor's words into the domain's form. Nothing here throws, for any value.

const Time = z.iso.datetime({ offset: true });
const WITH_ZONE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|GMT|[+-]\d\d)(?::?(\d\d))?$/i;

/**
 * The first of these that is a point in time: as the vendor wrote it where an entity can hold it so, else in ISO 8601:
 * `2019-08-01 12:21:41 UTC` and `…+0200` are read. A time without a zone, or an impossible one, is none.
 */
export function timeIn(...texts: readonly unknown[]): string | undefined {
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    if (Time.safeParse(text).success) return text;
    const written = withColons(text.trim());
    if (written !== undefined && Time.safeParse(written).success) return new Date(written).toISOString();
  }
  return undefined;
}

/** `2019-08-01 12:21:41 UTC` and `…+0200` in the letters of ISO 8601. */
function withColons(text: string): string | undefined {
  const [, day, clock, zone = '', minutes = '00'] = WITH_ZONE.exec(text) ?? [];
  if (day === undefined || clock === undefined) return undefined;
  return `${day}T${clock}${/^[a-z]/i.test(zone) ? 'Z' : `${zone}:${minutes}`}`;
}

/** Every match in these texts, in upper case, each once: CVE and CWE ids. `pattern` needs no flags. */
export function idsIn(texts: readonly (string | null | undefined)[], pattern: RegExp): string[] {
  const all = new RegExp(pattern.source, 'gi');
  return [...new Set(texts.flatMap((text) => (text ?? '').match(all) ?? []).map((id) => id.toUpperCase()))];
}

/** The CVE ids that a text for people names. */
export const CVE = /\bCVE-\d{4}-\d{4,}\b/;

/**
 * `github.com/acme/api`: what a repository is called at every service, from any of its addresses (`https://…`,
 * `git@host:…`, `ssh://…`, with `.git` or without), in lower case. Undefined for what is no address of a repository.
 */
export function repositoryIn(address: string | null | undefined): string | undefined {
  const text = (address ?? '').trim();
  const scp = /^(?:[\w.-]+@)([\w.-]+):(?!\/)(.+)$/.exec(text);
  const url = scp === null ? URL.parse(text) : URL.parse(`ssh://${scp[1] ?? ''}/${scp[2] ?? ''}`);
  if (url === null || !/^(https?|ssh|git):$/.test(url.protocol) || url.hostname === '') return undefined;
  const path = url.pathname.replaceAll(/^\/+|\/+$|\.git\/*$/g, '');
  return path.includes('/') ? `${url.hostname}/${path}`.toLowerCase() : undefined;
}
