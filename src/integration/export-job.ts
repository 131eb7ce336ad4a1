import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import { retryAfterMs } from '../http/policies/retry-after.ts';
import type { BodyFormat } from '../model/body-format.ts';
import type { HttpClient, JsonResponse, PageRequest } from '../model/http.ts';
import type { Page, PageToken } from '../model/page.ts';
import type { PageSource, ReadContext } from '../model/stream.ts';
import { pointerReader } from '../util/json-pointer.ts';
import { httpPage } from './http-page.ts';
import { type RecordSelector, recordsAt, wholePointer } from './record-selector.ts';
import { guardedSlice, type RequestContext } from './request-context.ts';

/** An export that the API makes in its own time: start it, ask until it is done, fetch its files. */
export interface ExportJobOptions<Config> {
  /** Starts a job. A POST is sent once, unless it says `idempotent: true`. */
  readonly start: (context: RequestContext<Config>) => PageRequest;
  /** Where the answer to `start` names the job, as a JSON pointer: `/id`. */
  readonly job: string;
  /** Asks how far a job is. */
  readonly poll: (job: string) => PageRequest;
  /** Where an answer to `poll` says so, and its words. Any other word is an error. */
  readonly state: {
    readonly at: string;
    readonly pending: readonly string[];
    readonly done: readonly string[];
    readonly failed: readonly string[];
  };
  /**
   * Where the answer of a job that is done has its file or files, as a JSON pointer to a URL or a list of them, or a function.
   * A file on another host needs that host in the integration's `hosts`, and gets no login unless `login: true` is there.
   */
  readonly files: string | ((answer: unknown) => readonly string[]);
  /** Where the records lie in a file. Default `''`: the file itself is the list. */
  readonly records?: string | RecordSelector;
  /** How files are read: `ndjson()`, `xml()`. Default JSON. */
  readonly format?: BodyFormat;
  /** The first wait between two polls; it grows by half each time, up to a minute. `Retry-After` wins. Default 2 s. */
  readonly everyMs?: number;
  /** How long one run waits for a job; then it ends with exit 75, and the next run goes on with the same job. Default 1 h. */
  readonly longestWaitMs?: number;
}

const LONGEST_INTERVAL_MS = 60_000;

/** Where a pass is: plain data in the state, so that a later run goes on with the job that was started. */
interface Place {
  readonly job: string;
  /** How many jobs this pass has started. */
  readonly started: number;
  /** The path of the file to fetch next; undefined before the first. */
  readonly file?: string;
}

/** The file whose link the host did not take. */
interface Refused {
  readonly place: Place;
  readonly error: unknown;
}

/** A second job is started when the first has failed or is gone; a third would meet the same. */
const MOST_JOBS = 2;

/** The answers by which a host says that a link to a file is no longer good. */
const LINK_IS_OLD = ['API_REFUSED', 'PERMISSION_DENIED', 'LOGIN_REFUSED', 'PAGE_EXPIRED'] as const;

/**
 * A stream that comes as an export job. The job is in the state as soon as it is started, and each file after it was read:
 * a run that ends on the way, however it ends, goes on with the same job and the next file.
 *
 * Rejects with API_UNAVAILABLE (exit 75) for a job that is not done in time, with API_REFUSED for one that has failed
 * twice, and with what the client rejects with.
 */
export function exportJob<Config>(options: ExportJobOptions<Config>): PageSource<Config> {
  const { start, poll, records = '', format, everyMs = 2000, longestWaitMs = 60 * 60_000 } = options;
  const readJob = pointerReader(options.job);
  const readState = pointerReader(options.state.at);
  const select = typeof records === 'string' ? recordsAt(records) : records;

  async function begin(request: PageRequest, http: HttpClient, started: number): Promise<{ place: Place; page: Page }> {
    const response = await http.send(request);
    const job = readJob(response.json);
    if (typeof job !== 'string' && typeof job !== 'number') throw wrong(`there is no name of a job at ${options.job}`);
    const place = { job: String(job), started };
    return { place, page: { ...httpPage(response, [], { ...place }), commitNow: true } };
  }

  /** The job's answer when it is done; undefined when it has failed or is gone. */
  async function finished({ job }: Place, http: HttpClient): Promise<JsonResponse | undefined> {
    let waited = 0;
    for (let interval = everyMs; ; interval = Math.min(interval * 1.5, LONGEST_INTERVAL_MS)) {
      let response: JsonResponse;
      try {
        response = await http.send(poll(job));
      } catch (error) {
        if (isSassyError(error, 'API_REFUSED') && (error.status === 404 || error.status === 410)) return undefined;
        throw error;
      }
      const word = readState(response.json);
      const { done, failed, pending } = options.state;
      if (isOneOf(done, word)) return response;
      if (isOneOf(failed, word)) return undefined;
      if (!isOneOf(pending, word))
        throw wrong(`a job is '${String(word).slice(0, 100)}', and the stream knows no such word`);
      const asked = retryAfterMs(response.headers['retry-after'], response.headers['date']) ?? interval;
      if (waited + asked > longestWaitMs) throw notDone(waited);
      waited += asked;
      await http.wait(asked, 'export job');
    }
  }

  /** The pages of the files, from the one of `place` on. Returns where a link was refused; undefined after the last file. */
  async function* filePages(
    answer: JsonResponse,
    place: Place,
    { http, slice }: ReadContext<Config>,
  ): AsyncGenerator<Page, Refused | undefined, void> {
    const files = filesOf(answer, options.files);
    if (files.length === 0) yield httpPage(answer, [], undefined);
    // Links are made anew with each answer: a file is known by its path alone.
    const first = files.findIndex(({ pathname }) => pathname === place.file);
    for (const [index, file] of files.entries()) {
      if (index < first) continue;
      const here = { ...place, file: file.pathname };
      let response: JsonResponse;
      try {
        response = await http.send({ path: file.pathname, url: file.href }, format);
      } catch (error) {
        if (LINK_IS_OLD.some((code) => isSassyError(error, code))) return { place: here, error };
        throw error;
      }
      // What stands in the query of such a link is a credential.
      const request = { method: 'GET', url: file.origin + file.pathname };
      const following = files[index + 1];
      const next = following === undefined ? undefined : { ...place, file: following.pathname };
      const page = httpPage(response, select(response.json, { slice, request }), next);
      yield { ...page, request, isJson: format?.isJson ?? true };
    }
    return undefined;
  }

  async function* read(context: ReadContext<Config>): AsyncGenerator<Page, void, void> {
    const { config, slice, since, until, from, http, signal } = context;
    const request = start({ config, slice: guardedSlice(slice), since, until });
    let place = from === undefined ? undefined : placeOf(from);
    let started = place?.started ?? 0;
    let lastRefused: string | undefined;
    const giveUp = (error: unknown): void => {
      if (started >= MOST_JOBS) throw error;
      place = undefined;
    };
    for (;;) {
      signal.throwIfAborted();
      if (place === undefined) {
        started += 1;
        const begun = await begin(request, http, started);
        place = begun.place;
        yield begun.page;
      }
      const answer = await finished(place, http);
      if (answer === undefined) {
        giveUp(failed(started));
        continue;
      }
      const refused = yield* filePages(answer, place, context);
      if (refused === undefined) return;
      // The next answer has new links; when one of these is refused too, it is the job that is gone.
      const isSecond = refused.place.file === lastRefused;
      lastRefused = refused.place.file;
      place = refused.place;
      if (isSecond) giveUp(refused.error);
    }
  }

  return {
    recordsPointer: typeof records === 'string' ? wholePointer(records) : undefined,
    selectsAsIs: typeof records === 'string',
    select,
    ...(format === undefined ? {} : { format }),
    read,
  };
}

/** The files of a job that is done, as absolute URLs. */
function filesOf(answer: JsonResponse, files: string | ((answer: unknown) => readonly string[])): readonly URL[] {
  const found = typeof files === 'string' ? pointerReader(files)(answer.json) : files(answer.json);
  const list: readonly unknown[] = Array.isArray(found) ? found : found === null || found === undefined ? [] : [found];
  return list.map((link) => {
    const target = typeof link === 'string' ? URL.parse(link, answer.request.url) : null;
    if (target === null) throw wrong('a file of a job is no URL');
    return target;
  });
}

function isOneOf(words: readonly string[], word: unknown): boolean {
  return words.some((known) => known === word);
}

function placeOf({ job, started, file }: PageToken): Place {
  if (typeof job === 'string' && typeof started === 'number')
    return { job, started, ...(typeof file === 'string' ? { file } : {}) };
  throw new SassyError('STORE_CORRUPT', {
    message: 'The place to go on with is no export job',
    why: 'the state holds neither the name of a job nor how many were started',
    fix: 'run the stream with --full to start a new job',
  });
}

function wrong(why: string): SassyError {
  return new SassyError('API_WRONG_ANSWER', { message: 'The answer about an export job cannot be used', why });
}

function failed(started: number): SassyError {
  return new SassyError('API_REFUSED', {
    message: 'The export job has failed',
    why: `${started} jobs were started, and each has failed or is gone`,
  });
}

function notDone(waitedMs: number): SassyError {
  return new SassyError('API_UNAVAILABLE', {
    message: 'The export job is not done yet',
    why: `this run has waited ${Math.round(waitedMs / 1000)} s for it; the next one goes on with the same job`,
  });
}
