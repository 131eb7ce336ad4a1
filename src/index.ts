// The public door: what an author of an integration needs, and nothing else.

// The classes an integration is written with.
export { AbstractIntegration } from './integration/abstract-integration.ts';
export { AbstractStream } from './integration/abstract-stream.ts';
export { HttpStream } from './integration/http-stream.ts';

// Decorators. They only record; what they say is checked when the integration is loaded.
export {
  Archived,
  Check,
  FullRefresh,
  Incremental,
  Integration,
  Latest,
  Parser,
  Stream,
} from './integration/decorators.ts';

// The same with plain values: for streams that are only known at run time, and for JavaScript.
export { defineIntegration } from './integration/define-integration.ts';
export { defineStream } from './integration/define-stream.ts';
export { exportJob } from './integration/export-job.ts';
export { httpSource } from './integration/http-source.ts';
export { iterableSource } from './integration/iterable-source.ts';
export { archived, fullRefresh, incremental, latest, parser } from './integration/parser.ts';

// What a stream is read in, and where the records lie in an answer.
export { each, list, product, windows } from './integration/slices.ts';
export { optionalRecordsAt, recordsAt } from './integration/record-selector.ts';

// How bodies are asked for and read.
export { json } from './http/json-body.ts';
export { ndjson } from './http/ndjson-body.ts';
export { xml } from './http/xml-body.ts';

// Our own domain objects.
export { decimalText } from './model/exact-text.ts';
export { time } from './model/time.ts';
export { entity, ref } from './model/entity.ts';

// Config: secrets are never printed or stored.
export { secret } from './integration/secret-field.ts';
export { Secret } from './util/secret.ts';

// How one page leads to the next.
export { bodyCursor } from './pagination/body-cursor.ts';
export { bodyToken } from './pagination/body-token.ts';
export { detectPaginator } from './pagination/detect-paginator.ts';
export { graphqlConnection, graphqlQuery } from './pagination/graphql-connection.ts';
export { bodyLink, jsonApiLinks } from './pagination/json-api-links.ts';
export { linkHeader } from './pagination/link-header.ts';
export { offset } from './pagination/offset.ts';
export { pageNumber } from './pagination/page-number.ts';
export { singlePage } from './pagination/paginator.ts';

// How requests are logged in, and how fast they may go.
export { basicAuth, bearerAuth, headerAuth, queryAuth } from './http/policies/auth.ts';
export { awsSigV4 } from './http/auth/aws-sig-v4.ts';
export { chooseAuth } from './http/auth/choose-auth.ts';
export { jwtAssertion } from './http/auth/jwt-assertion.ts';
export { oauth2AuthorizationCode } from './http/auth/oauth2-authorization-code.ts';
export { oauth2ClientCredentials } from './http/auth/oauth2-client-credentials.ts';
export { oauth2Refresh } from './http/auth/oauth2-refresh.ts';
export { githubApp, googleServiceAccount } from './http/auth/service-accounts.ts';
export { sessionToken } from './http/auth/session-token.ts';
export { perHour, perMinute, perSecond } from './integration/rate-limit.ts';

// What an answer means, where an API says it in a form of its own.
export { awsErrorCode, awsVerdict } from './http/aws-verdict.ts';
export { limitedVerdict } from './http/limited-verdict.ts';

// Sinks of one's own: docs/sinks.md.
export { defineSink } from './sink/define-sink.ts';
export { documentSink } from './sink/document-sink.ts';

// Errors: for what the defaults cannot know.
export { isSassyError, SassyError } from './errors/sassy-error.ts';

export type { ErrorCode } from './errors/registry.ts';
export type { ErrorDetails } from './errors/sassy-error.ts';
export type { StreamClass } from './integration/abstract-stream.ts';
export type { IntegrationOptions, IntegrationValue } from './integration/define-integration.ts';
export type { RecordOf, StreamFlow, StreamOptions, StreamRef, StreamValue } from './integration/define-stream.ts';
export type { Duration } from './integration/duration.ts';
export type { ExportJobOptions } from './integration/export-job.ts';
export type { HttpSourceOptions } from './integration/http-source.ts';
export type { IterableContext, IterablePage, IterableSourceOptions } from './integration/iterable-source.ts';
export type { InputValue, ParserValue } from './integration/parser.ts';
export type { RecordSelector } from './integration/record-selector.ts';
export type { RequestContext } from './integration/request-context.ts';
export type { EachOptions, WindowsOptions } from './integration/slices.ts';
export type { ConfigSlices, EachSlices, SliceContext, SliceFactor, SlicesOption } from './integration/slices-option.ts';
export type { XmlOptions } from './http/xml-body.ts';
export type { BodyFormat } from './model/body-format.ts';
export type { Limit } from './model/limit.ts';
export type { StreamExpectation } from './model/stream.ts';
export type { Dataset, Lookup } from './model/dataset.ts';
export type { Entity, EntityInfo, EntityOptions } from './model/entity.ts';
export type {
  Auth,
  DeclaredHost,
  HttpClient,
  HttpRequest,
  HttpResponse,
  HttpSettings,
  JsonResponse,
  PageRequest,
  Policy,
  RateLimit,
  Send,
  Verdict,
  VerdictRule,
} from './model/http.ts';
export type { CheckContext } from './model/manifest.ts';
export type { Page, PageOrigin, PageToken } from './model/page.ts';
export type { Slice } from './model/slice.ts';
export type { PageSource, ReadContext, RecordPlace } from './model/stream.ts';
export type { SinkContext, SinkDefinition } from './sink/define-sink.ts';
export type { DocumentStore, SavedDocument } from './sink/document.ts';
export type {
  Approve,
  Batch,
  BatchDiff,
  BatchMode,
  BatchTarget,
  Column,
  DiffExample,
  EntityCounts,
  EntityRow,
  ParserPosition,
  RepeatedKeys,
  Sink,
  StoredEntity,
  StoredValue,
} from './sink/sink.ts';
export type { BodyCursorOptions } from './pagination/body-cursor.ts';
export type { BodyTokenOptions } from './pagination/body-token.ts';
export type { DetectableAnswer, DetectedPaginator } from './pagination/detect-paginator.ts';
export type { GraphqlConnectionOptions, GraphqlOptions } from './pagination/graphql-connection.ts';
export type { JsonApiLinksOptions } from './pagination/json-api-links.ts';
export type { OffsetOptions } from './pagination/offset.ts';
export type { PageNumberOptions } from './pagination/page-number.ts';
export type { PageAnswer, PageCap, Paginator } from './pagination/paginator.ts';
