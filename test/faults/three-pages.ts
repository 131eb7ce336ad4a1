import { jsonApiLinks } from '../../src/pagination/json-api-links.ts';
import type { FaultAnswer } from '../../src/testing/fault-answer.ts';
import type { FaultRequest } from '../../src/testing/fault-request.ts';
import { faulty, range, streamRig, things } from './stream-rig.ts';

export const PAGES = 3;
export const SIZE = 40;
export const source = {
  request: () => ({ path: '/things', query: { page: 0 } }),
  records: '/data',
  paginator: jsonApiLinks(),
};

/** Page k of three as the healthy API has it. */
export function page({ url }: FaultRequest): FaultAnswer {
  const k = Number(/page=(\d+)/.exec(url)?.[1] ?? 0);
  const links = k + 1 < PAGES ? { next: `/things?page=${k + 1}` } : {};
  return { json: { data: things(SIZE, k * SIZE), links } };
}

export const ALL = range(PAGES * SIZE);

/** Trouble on a page, page 1 by default, for the first `times` requests of it; the run must end as without. */
export async function passing(trouble: FaultAnswer, times = 1, settings = {}, options = {}, at = 1) {
  let seen = 0;
  const server = await faulty((request) => {
    const isHit = request.url.includes(`page=${at}`) && seen++ < times;
    return isHit
      ? { ...(trouble.raw === undefined && trouble.body === undefined ? page(request) : {}), ...trouble }
      : page(request);
  });
  const rig = await streamRig(server, source, { settings, ...options });
  const run = await rig.run();
  return { run, server, clock: rig.clock };
}

/** Trouble on page 1 for ever. */
export async function lasting(trouble: FaultAnswer) {
  return passing(trouble, Number.POSITIVE_INFINITY);
}
