import type { Host } from '../util/host.ts';

/** Ids that sort by the time they were made: `20261122T073015-k3f9a1`. */
export function newRunId(host: Host): string {
  const time = new Date(host.clock.now()).toISOString().replaceAll(/[-:]|\.\d+Z/g, '');
  const random = Math.floor(host.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  return `${time}-${random}`;
}
