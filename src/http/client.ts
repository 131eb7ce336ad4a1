import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import type {
  HttpClient,
  HttpRequest,
  HttpResponse,
  HttpSettings,
  JsonResponse,
  PageRequest,
  Policy,
  Send,
} from '../model/http.ts';
import type { BodyFormat } from '../model/body-format.ts';
import type { PageOrigin } from '../model/page.ts';
import type { Host } from '../util/host.ts';
import { soloContext } from './auth/solo-context.ts';
import { backoffMs } from './backoff.ts';
import { connectionBudget } from './connection-budget.ts';
import { bodyStart, isHtml } from './error-body.ts';
import type { HttpEvents } from './events.ts';
import { egress, egressRule, trusting } from './egress.ts';
import { json } from './json-body.ts';
import { DEEPEST, isDeeperThan } from './json-depth.ts';
import { log } from './policies/log.ts';
import { loginOnly } from './policies/login-only.ts';
import { pace } from './policies/pace.ts';
import type { RateBudget } from './policies/rate-budget.ts';
import { redirects } from './policies/redirects.ts';
import { isIdempotent, retry, type RetryLimits } from './policies/retry.ts';
import type { Redact } from './redact.ts';
import { nameOf, refusal, type Voice } from './refusal.ts';
import { requestBody } from './request-body.ts';
import { withoutSecrets } from './without-secrets.ts';
import { effectiveBase, givenBase, pageUrl } from './request-url.ts';
import { classify, type Classify } from './verdict.ts';

export interface HttpClientOptions<Config> {
  readonly settings: HttpSettings<Config>;
  /** The service, for messages: `Snyk`. */
  readonly title: string;
  /** The connection's config; its `baseUrl`, when it is a string, replaces the origin. */
  readonly config: Config;
  readonly host: Host;
  /** What sends in the end: `nodeTransport()`, or a test's own. */
  readonly transport: Send;
  /** Shared by all clients of one connection. Default: one of this client alone. */
  readonly budget?: RateBudget;
  readonly events?: HttpEvents;
  readonly redact?: Redact;
  /** Records or replays: sees each attempt as it goes out, credentials included. */
  readonly wrapTransport?: Policy;
  readonly signal?: AbortSignal;
  /** The login, made once for all clients of a connection. Default: one of this client alone, that is kept in memory. */
  readonly login?: Policy;
  readonly retryLimits?: RetryLimits;
}

/** How often a page whose body is not whole, or no JSON where JSON was asked for, is asked for again. */
const BROKEN_BODY_RETRIES = 3;
const JSON_BODY = json();

/**
 * The client of one connection: `send` takes a page request and resolves with its body read as JSON (or in the format given), or rejects with a SassyError:
 * LOGIN_REFUSED, PERMISSION_DENIED, API_REFUSED, API_WRONG_ANSWER (never an empty page in place of a broken one),
 * API_UNAVAILABLE, RATE_LIMITED, EGRESS_DENIED, PAGE_EXPIRED for a list that the API does not go on with, or SLICE_SKIPPED
 * for the integration's own `skip` verdicts.
 */
export function httpClient<Config>(options: HttpClientOptions<Config>): HttpClient {
  const { settings, title, config, host, events, signal, redact = (text: string) => text } = options;
  const voice: Voice = { title, redact };
  const given = givenBase(config);
  const base = effectiveBase(settings.baseUrl, given);
  const isTyped = given !== undefined && given !== '';
  const rule = egressRule({ base, isTyped, ...(settings.hosts === undefined ? {} : { hosts: settings.hosts }) });
  const solo = {
    host,
    title,
    transport: trusting(given, options.transport),
    redact,
    baseUrl: settings.baseUrl,
    givenBase: given,
    signal,
  };
  const login = options.login ?? settings.auth?.policy(config, soloContext(solo));
  const verdictOf = remembered(classify(settings.verdicts));
  const budget = options.budget ?? connectionBudget(settings, config, host, title);
  const headers = lowerCase(settings.headers);

  const deliver = compose(options.transport, [
    retry({
      ...options.retryLimits,
      ...voice,
      classify: verdictOf,
      host,
      hold: (untilMs, request) => budget.hold(untilMs, request.url),
      ...(events === undefined ? {} : { events }),
      ...(signal === undefined ? {} : { signal }),
    }),
    redirects(rule, voice),
    pace(budget, events === undefined ? {} : { events }),
    ...(events === undefined ? [] : [log(events, host)]),
    ...(login === undefined ? [] : [loginOnly(rule, login, verdictOf)]),
    egress(rule),
    ...(options.wrapTransport === undefined ? [] : [options.wrapTransport]),
  ]);

  /** One base URL that the user sets serves all hosts of a service. */
  function baseOf({ host: other }: PageRequest): string {
    if (other === undefined) return base;
    return isTyped ? effectiveBase(new URL(settings.baseUrl).origin, given) : `https://${other}`;
  }

  function toHttp(page: PageRequest, { accept }: BodyFormat): HttpRequest {
    const body = requestBody(page);
    return {
      method: page.method ?? 'GET',
      url: page.url ?? pageUrl(baseOf(page), page, settings.query),
      headers: {
        accept,
        // What the integration sends with each request is not for another host that an answer names.
        ...(page.url === undefined || URL.parse(page.url)?.origin === new URL(base).origin ? headers : {}),
        ...(body === undefined ? {} : { 'content-type': body.contentType }),
        ...lowerCase(page.headers),
      },
      trace: { attempt: 0, waitedMs: 0 },
      ...(body === undefined ? {} : { body: body.text }),
      ...(page.host === undefined ? {} : { host: page.host }),
      ...(isTyped ? { serviceOrigin: serviceOrigin(page) } : {}),
      ...(page.as === undefined ? {} : { as: page.as }),
      ...(signal === undefined ? {} : { signal }),
      ...(page.idempotent === undefined ? {} : { idempotent: page.idempotent }),
      ...(page.attempts === undefined ? {} : { attempts: page.attempts }),
      ...(page.continues === undefined ? {} : { continues: page.continues }),
    };
  }

  function serviceOrigin({ host: other }: PageRequest): string {
    return other === undefined ? new URL(settings.baseUrl).origin : `https://${other}`;
  }

  function originOf(page: PageRequest): PageOrigin {
    const { method, url, body } = toHttp(page, JSON_BODY);
    return body === undefined ? { method, url } : { method, url, body };
  }

  async function send(page: PageRequest, format: BodyFormat = JSON_BODY): Promise<JsonResponse> {
    const request = toHttp(page, format);
    for (let broken = 1; ; broken++) {
      const response = await deliver(request);
      const verdict = verdictOf(response, request);
      if (verdict.kind !== 'ok') throw refusal(verdict, request, response, voice);
      const { status } = response;
      if (status === 304) return { request, status, headers: response.headers, bytes: response.body, json: undefined };
      try {
        const parsed = format.parse(response.body);
        if (isDeeperThan(parsed)) throw tooDeep(request, format, voice);
        return { request, status, headers: response.headers, bytes: response.body, json: parsed };
      } catch (error) {
        if (isSassyError(error)) throw error;
        if (broken > BROKEN_BODY_RETRIES || !isIdempotent(request))
          throw notWhole(request, response, format, voice, error);
        const { baseMs = 1000, maxMs = 60_000 } = options.retryLimits ?? {};
        const ms = backoffMs(broken, baseMs, maxMs, host.random());
        if (request.trace !== undefined) request.trace.waitedMs += ms;
        events?.({ type: 'wait', reason: 'backoff', ms, detail: `not ${format.name}` });
        await host.clock.sleep(ms, signal);
      }
    }
  }

  return {
    send,
    originOf,
    withoutSecrets: (page) => withoutSecrets(page, redact),
    async wait(ms, what) {
      events?.({ type: 'wait', reason: 'job', ms, detail: what });
      await host.clock.sleep(ms, signal);
    },
    getJson: async (path, query) => (await send({ path, ...(query === undefined ? {} : { query }) })).json,
  };
}

/** The first policy is the outermost: it sees a request first and its response last. */
function compose(transport: Send, policies: readonly Policy[]): Send {
  return policies.reduceRight((next, policy) => policy(next), transport);
}

/** The retry policy and the client ask about the same response: rules that read its body do so once. */
function remembered(verdictOf: Classify): Classify {
  const known = new WeakMap<HttpResponse, ReturnType<Classify>>();
  return (response, request) => {
    const verdict = known.get(response) ?? verdictOf(response, request);
    known.set(response, verdict);
    return verdict;
  };
}

function notWhole(
  request: HttpRequest,
  response: HttpResponse,
  { name }: BodyFormat,
  { title, redact }: Voice,
  cause: unknown,
): SassyError {
  const type = response.headers['content-type'] ?? 'no content type';
  const start = bodyStart(response.body, redact);
  const hint = isHtml(start) ? '; it is an HTML page: a login page or a proxy?' : '';
  const shown = start === '' ? 'an empty body' : start;
  return new SassyError('API_WRONG_ANSWER', {
    message: `${title} answered with something that is not whole ${name}`,
    why: `${nameOf(request)}: ${response.status}, ${redact(type)}, ${response.body.byteLength} bytes${hint}: ${shown}`,
    // The parser quotes what it read, so its error is kept out unless nothing had to be hidden.
    ...(cause instanceof Error && redact(cause.message) === cause.message ? { cause } : {}),
  });
}

function tooDeep(request: HttpRequest, { name }: BodyFormat, { title }: Voice): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: `${title} answered with ${name} that is nested deeper than ${DEEPEST} levels`,
    why: `${nameOf(request)}: no API has a reason for it, and most programs fail on it`,
  });
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
