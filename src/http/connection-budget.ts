import type { HttpSettings } from '../model/http.ts';
import type { Host } from '../util/host.ts';
import { type RateBudget, rateBudget } from './policies/rate-budget.ts';
import { effectiveBase, givenBase } from './request-url.ts';

/** The one budget of a connection, for all its clients. */
export function connectionBudget<Config>(
  settings: HttpSettings<Config>,
  config: Config,
  host: Host,
  title: string,
): RateBudget {
  const basePath = new URL(effectiveBase(settings.baseUrl, givenBase(config))).pathname.replace(/\/$/, '');
  return rateBudget(settings.limits ?? [], host, { title, basePath });
}
