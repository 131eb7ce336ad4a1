const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `500ms`, `30s`, `10m`, `2h`, `1d`. */
export type Duration = `${number}${keyof typeof UNIT_MS}`;

/** Milliseconds of a duration; undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const [, amount = '', unit = ''] = parts ?? [];
  return isUnit(unit) ? Math.round(Number(amount) * UNIT_MS[unit]) : undefined;
}

function isUnit(unit: string): unit is keyof typeof UNIT_MS {
  return Object.hasOwn(UNIT_MS, unit);
}
