import { createHash, createHmac } from 'node:crypto';

/** A request as it stands on the wire: `path` and `query` are the parts of its first line. */
export interface SignableRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark; '' for none. */
  readonly query: string;
  /** Lower-case names; all of them are signed. `host` and `x-amz-date` must be among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SigningScope {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

export interface Signature {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** The value of the Authorization header. */
  readonly authorization: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** AWS Signature Version 4. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function signatureV4(request: SignableRequest, scope: SigningScope): Signature {
  const names = Object.keys(request.headers).sort();
  const signedHeaders = names.join(';');
  const canonicalRequest = [
    request.method,
    canonicalPath(request.path, scope.service),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/\s+/g, ' ')}`),
    '',
    signedHeaders,
    request.headers['x-amz-content-sha256'] ?? sha256(request.body),
  ].join('\n');
  const time = request.headers['x-amz-date'] ?? '';
  const date = time.slice(0, 8);
  const place = `${date}/${scope.region}/${scope.service}/aws4_request`;
  const stringToSign = [ALGORITHM, time, place, sha256(canonicalRequest)].join('\n');
  const parts = [date, scope.region, scope.service, 'aws4_request'];
  const key = parts.reduce<Buffer | string>((last, part) => hmac(last, part), `AWS4${scope.secretAccessKey}`);
  const signature = hmac(key, stringToSign).toString('hex');
  const credential = `${scope.accessKeyId}/${place}`;
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return { canonicalRequest, stringToSign, authorization };
}

/** `20150830T123600Z` */
export function amzDate(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What is on the wire is encoded once more, dots and double slashes resolved. S3, whose keys may hold them, does neither. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3')
    return path
      .split('/')
      .map((segment) => encode(decoded(segment)))
      .join('/');
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(encode(segment));
  }
  const end = segments.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [encode(decoded(name)), encode(decoded(value))] as const;
    });
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return pairs
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** RFC 3986: also what encodeURIComponent lets through. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
