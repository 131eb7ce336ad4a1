import { isObject } from '../util/json.ts';
import type { AttemptEvent, HttpEvents } from './events.ts';
import { withoutValues } from './policies/log.ts';

type Attributes = Readonly<Record<string, string | number>>;

/** As much of `@opentelemetry/api` as is used (https://opentelemetry.io/docs/specs/semconv/http/). */
interface TelemetryApi {
  readonly trace: { getTracer(name: string): Tracer };
  readonly metrics: { getMeter(name: string): Meter };
}

interface Tracer {
  startSpan(name: string, options: { kind: number; startTime: number; attributes: Attributes }): Span;
}

interface Span {
  setStatus(status: { code: number }): unknown;
  end(endTime: number): void;
}

interface Meter {
  createHistogram(
    name: string,
    options: { unit: string; description: string },
  ): {
    record(value: number, attributes: Attributes): void;
  };
  createCounter(
    name: string,
    options: { unit: string; description: string },
  ): {
    add(value: number, attributes: Attributes): void;
  };
}

const CLIENT = 2;
const ERROR = 2;

/** An optional peer: a name in a variable, so that neither the compiler nor a bundler asks for it. */
const PACKAGE = '@opentelemetry/api';

/**
 * Spans and metrics of each attempt and each wait, through the OpenTelemetry API of the process; undefined where that is
 * not installed. Without an SDK that listens it costs nothing. No query, no header and no body is ever in them.
 */
export async function openTelemetry(
  load: () => Promise<unknown> = () => import(PACKAGE),
  now: () => number = () => performance.timeOrigin + performance.now(),
): Promise<HttpEvents | undefined> {
  let api: unknown;
  try {
    api = await load();
  } catch {
    return undefined;
  }
  if (!isApi(api)) return undefined;
  const tracer = api.trace.getTracer('sassy');
  const meter = api.metrics.getMeter('sassy');
  const duration = meter.createHistogram('http.client.request.duration', { unit: 's', description: 'Each attempt' });
  const waits = meter.createCounter('sassy.http.wait', { unit: 's', description: 'Waiting, by reason' });
  return (event) => {
    if (event.type === 'wait') return waits.add(event.ms / 1000, { 'sassy.wait.reason': event.reason });
    const attributes = attributesOf(event);
    const end = now();
    const span = tracer.startSpan(`${event.method} ${String(attributes['url.template'])}`, {
      kind: CLIENT,
      startTime: end - event.durationMs,
      attributes: { ...attributes, 'http.request.resend_count': event.attempt - 1, 'sassy.waited_ms': event.waitedMs },
    });
    if (event.error !== undefined || (event.status ?? 0) >= 400) span.setStatus({ code: ERROR });
    span.end(end);
    duration.record(event.durationMs / 1000, attributes);
  };
}

function attributesOf({ method, url, status, error }: AttemptEvent): Attributes {
  const target = URL.parse(withoutValues(url));
  return {
    'http.request.method': method,
    'server.address': target?.hostname ?? '',
    'url.template': urlTemplate(target?.pathname ?? ''),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...(error === undefined ? {} : { 'error.type': error }),
  };
}

/** `/orgs/3f2a…/issues/12` → `/orgs/{id}/issues/{id}`: few enough values for a metric, and nobody's id in them. */
export function urlTemplate(path: string): string {
  return path
    .split('/')
    .map((part) => (/\d/.test(part) && !/^v\d+(\.\d+)?$/.test(part) ? '{id}' : part))
    .join('/');
}

function isApi(value: unknown): value is TelemetryApi {
  if (typeof value !== 'object' || value === null || !('trace' in value) || !('metrics' in value)) return false;
  return isObject(value.trace) && isObject(value.metrics);
}
