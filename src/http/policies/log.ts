import { codeOf } from '../../errors/error-code.ts';
import type { Policy } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import type { HttpEvents } from '../events.ts';

/** One event for each attempt, also for those that bring no response. */
export function log(events: HttpEvents, host: Host): Policy {
  return (next) => async (request) => {
    const { method, trace } = request;
    const started = host.clock.monotonicMs();
    const attempt = trace?.attempt ?? 1;
    const waitedMs = trace?.waitedMs ?? 0;
    if (trace !== undefined) trace.waitedMs = 0;
    const about = { type: 'attempt', method, url: withoutValues(request.url), attempt, waitedMs } as const;
    try {
      const response = await next(request);
      const durationMs = host.clock.monotonicMs() - started;
      events({ ...about, status: response.status, durationMs, bytes: response.body.byteLength });
      return response;
    } catch (error) {
      const name = codeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
      events({ ...about, error: name, durationMs: host.clock.monotonicMs() - started, bytes: 0 });
      throw error;
    }
  };
}

/** `https://h/orgs?limit=10&token=abc` → `https://h/orgs?limit&token`. */
export function withoutValues(url: string): string {
  const start = url.indexOf('?');
  if (start < 0) return url;
  const names = url.slice(start + 1).split('&');
  return `${url.slice(0, start)}?${names.map((pair) => pair.split('=', 1)[0]).join('&')}`;
}
