/** The clock on the wall of one time zone. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
  }

  /** As Jira writes times: `2022-06-09T16:29:32.382-0700`. */
  jiraTime(ms: number): string {
    const wall = this.#wall(ms);
    const offsetMinutes = Math.round((Date.parse(`${wall}Z`) - Math.floor(ms / 1000) * 1000) / 60_000);
    const size = Math.abs(offsetMinutes);
    const offset = String(Math.floor(size / 60)).padStart(2, '0') + String(size % 60).padStart(2, '0');
    return `${wall}.${String(ms % 1000).padStart(3, '0')}${offsetMinutes < 0 ? '-' : '+'}${offset}`;
  }

  /** The instant of `2026-11-22 13:05`; of a time that is told twice the later one. */
  instantOf(wall: string): number {
    const sought = wall.replace(' ', 'T');
    const asUtc = Date.parse(`${sought}:00Z`);
    for (let ms = asUtc + 14 * 3_600_000; ms >= asUtc - 14 * 3_600_000; ms -= 15 * 60_000) {
      if (this.#wall(ms).startsWith(sought)) return ms;
    }
    return asUtc;
  }

  #wall(ms: number): string {
    return this.#format.format(ms).replace(' ', 'T');
  }
}
