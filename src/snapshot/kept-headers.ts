/** Response headers that change how a client goes on. Anything else is left out: default deny. */
const RESPONSE = new Set([
  'content-type',
  'content-range',
  'deprecation',
  'etag',
  'last-modified',
  'link',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'sunset',
  'total',
  'warning',
]);
/** Families, by the start of the name: limits, versions, and GitLab's and Link-less pagers. */
const RESPONSE_FAMILIES = [
  'ratelimit-',
  'snyk-version-',
  'x-amz-bucket-region',
  'x-github-api-version',
  'x-next-page',
  'x-page',
  'x-per-page',
  'x-prev-page',
  'x-rate-limit',
  'x-ratelimit-',
  'x-total',
];

/** Request headers that say which answer is wanted. Never credentials, never what changes with each run. */
const REQUEST = new Set(['accept', 'content-type', 'prefer', 'x-github-api-version']);

/** True for a response header that a snapshot stores; `name` is lower case. */
export function isKeptResponseHeader(name: string): boolean {
  return RESPONSE.has(name) || RESPONSE_FAMILIES.some((family) => name.startsWith(family));
}

/** True for a request header that a snapshot stores; `name` is lower case. */
export function isKeptRequestHeader(name: string): boolean {
  return REQUEST.has(name);
}
