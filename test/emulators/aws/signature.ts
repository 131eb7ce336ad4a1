import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the Authorization header claims. */
export interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

export function claimOf({ headers }: SignedRequest): Claim | undefined {
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] =
    FORM.exec(headers['authorization'] ?? '') ?? [];
  return accessKeyId === ''
    ? undefined
    : { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature };
}

/**
 * Why a signature is not good; undefined when it is. Written from the published description, without the client's code:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signatureProblem(request: SignedRequest, claim: Claim, secret: string): string | undefined {
  const { headers } = request;
  const stamp = headers['x-amz-date'] ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(stamp) || !stamp.startsWith(claim.date))
    return 'x-amz-date is not of the day of the scope';
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const unsigned = needed.filter((name) => !claim.signedHeaders.includes(name));
  if (unsigned.length > 0) return `not signed: ${unsigned.join(', ')}`;
  const bodyHash = sha256(request.body);
  if (claim.service === 's3' && headers['x-amz-content-sha256'] !== bodyHash) return 'x-amz-content-sha256 is wrong';
  const [path = '/', query = ''] = request.target.split('?', 2);
  const canonical = [
    request.method,
    claim.service === 's3' ? encodePath(path, false) : encodePath(path, true),
    canonicalQuery(query),
    ...claim.signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().split(/\s+/).join(' ')}`),
    '',
    claim.signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`;
  const expected = createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))
    ? undefined
    : `the canonical request is\n${canonical}`;
}

/** S3 takes the path as it is on the wire; all others encode each part of it once more. */
function encodePath(path: string, again: boolean): string {
  const parts = path.split('/').map((part) => uri(decodeURIComponent(part)));
  return (again ? parts.map(uri) : parts).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return query
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [uri(decodeURIComponent(name)), uri(decodeURIComponent(value.join('=')))] as const;
    })
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function uri(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
