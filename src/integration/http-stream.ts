import { json } from '../http/json-body.ts';
import type { BodyFormat } from '../model/body-format.ts';
import type { PageRequest } from '../model/http.ts';
import { type Paginator, singlePage } from '../pagination/paginator.ts';
import { AbstractStream } from './abstract-stream.ts';
import type { RecordSelector } from './record-selector.ts';
import type { RequestContext } from './request-context.ts';

/**
 * A REST stream: which request brings its first page, where the records lie in an answer, how one page leads to the
 * next. Login, pacing, retries and limits are the integration's `http`, not the stream's.
 *
 * @example
 * @Stream({ record: Issue, primaryKey: 'id', cursor: '/attributes/updated_at', slices: each(Orgs) })
 * export class Issues extends HttpStream<Config, Issue> {
 *   override request({ slice, since }: RequestContext<Config>): PageRequest {
 *     return { path: `/orgs/${slice.org}/issues`, query: { limit: 100, updated_after: since } };
 *   }
 *   override readonly records = '/data';
 *   override readonly paginator = jsonApiLinks();
 * }
 */
export abstract class HttpStream<Config, R> extends AbstractStream<R, Config> {
  /** The first page of a slice. Called once for each pass over it; the paginator makes the other requests from it. */
  abstract request(context: RequestContext<Config>): PageRequest;

  /** Where the records lie in an answer: a JSON pointer, or a function. Default: the body itself is the array. */
  readonly records: string | RecordSelector = '';

  /** How one page leads to the next. Default: there is one page. */
  readonly paginator: Paginator = singlePage();

  /** How bodies are asked for and read: `xml({ arrays: ['Item'] })` for services that speak XML. Default `json()`. */
  readonly format: BodyFormat = json();
}
