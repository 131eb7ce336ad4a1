/** How long versions are kept that a newer one has taken the place of. */
export type Keep =
  | { readonly kind: 'time'; readonly ms: number; readonly text: string }
  /** Full-refresh streams: what so many of the last complete listings have shown. */
  | { readonly kind: 'listings'; readonly count: number; readonly text: string };

/** What may be removed from a stream's raw data; the newest version of each key never is. */
export interface Retention {
  readonly keep?: Keep;
  /** Compressed, as it lies on the disk. */
  readonly maxBytes?: number;
}

const HOUR = 3_600_000;
const UNIT_MS: Readonly<Record<string, number>> = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };
const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `90d`, `36h`, `12w`, `5 listings`; undefined for any other text. */
export function readKeep(text: string): Keep | undefined {
  const time = /^(\d+)\s*(h|d|w)$/.exec(text);
  if (time !== null) return { kind: 'time', ms: Number(time[1]) * (UNIT_MS[time[2] ?? ''] ?? 0), text };
  const listings = /^(\d+)\s*listings?$/.exec(text);
  if (listings === null || Number(listings[1]) < 1) return undefined;
  return { kind: 'listings', count: Number(listings[1]), text };
}

/** `500MB`, `2 GB`, `1000000`; undefined for any other text. */
export function readBytes(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?$/.exec(text);
  return parts === null ? undefined : Math.floor(Number(parts[1]) * (UNIT_BYTES[parts[2] ?? 'B'] ?? 1));
}
