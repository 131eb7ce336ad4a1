import { createServer } from 'node:http';
import { listIn, type Reading, SETTINGS } from './recorded.ts';
import type { Wire } from './wire-xml.ts';

export interface ReplayServer {
  readonly url: string;
  /** A role for each reading: by its credentials the server knows which one is asked for. */
  readonly roles: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves recorded answers, each reading as an account of its own. What was not recorded is denied. `apart`: the buckets of each
 * reading get names of their own (`r7.name`), since many recordings are of the same buckets, at different times.
 */
export async function replayServer(readings: readonly Reading[], wire: Wire, apart: boolean): Promise<ReplayServer> {
  const roles = readings.map((_, index) => `arn:aws:iam::${String(index).padStart(12, '0')}:role/recorded`);

  function answer(accessKeyId: string, method: string, url: URL, form: URLSearchParams): readonly [number, string] {
    const action = form.get('Action');
    if (action === 'AssumeRole') return [200, credentials(roles.indexOf(form.get('RoleArn') ?? ''))];
    const index = Number(/^ASIA(\d+)$/.exec(accessKeyId)?.[1] ?? -1);
    const reading = readings[index];
    if (reading === undefined) return denied();
    if (action === 'GetCallerIdentity') {
      const account = `<Arn>${roles[index]}</Arn><UserId>AROA</UserId><Account>${String(index).padStart(12, '0')}</Account>`;
      return [
        200,
        `<GetCallerIdentityResponse><GetCallerIdentityResult>${account}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
      ];
    }
    if (action === 'ListUsers' || action === 'ListRoles') {
      const data = reading.lists.get(action);
      if (data === undefined) return denied();
      // Recordings hold one page alone, also of those that have more.
      const rest = { IsTruncated: false, [action === 'ListUsers' ? 'Users' : 'Roles']: [] };
      return [200, wire.toXml('iam', action, form.has('Marker') ? rest : data)];
    }
    if (method === 'GET' && url.pathname === '/') {
      const data = reading.lists.get('ListBuckets');
      if (data === undefined) return denied();
      const own = listIn(data, 'Buckets').map((bucket) => ({ ...bucket, Name: `r${index}.${String(bucket['Name'])}` }));
      return [200, wire.toXml('s3', 'ListBuckets', apart ? { ...data, Buckets: own } : data)];
    }
    const operation = SETTINGS[[...url.searchParams.keys()][0] ?? ''] ?? '';
    const bucket = decodeURIComponent(url.pathname.slice(1)).replace(/^r\d+\./, '');
    const found = reading.settings.get(`${bucket} ${operation}`);
    if (found === undefined) return denied();
    return [found.status, found.status < 300 ? wire.toXml('s3', operation, found.data) : errorXml(found.data['Error'])];
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const [status, xml] = answer(accessKeyId, request.method ?? '', new URL(request.url ?? '', 'http://h'), form);
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    roles,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function denied(): readonly [number, string] {
  return [403, '<Error><Code>AccessDenied</Code><Message>not recorded</Message></Error>'];
}

function errorXml(error: unknown): string {
  const fields = typeof error === 'object' && error !== null ? Object.entries(error) : [];
  return `<Error>${fields.map(([name, value]) => `<${name}>${String(value)}</${name}>`).join('')}</Error>`;
}

function credentials(index: number): string {
  const made = `<AccessKeyId>ASIA${index}</AccessKeyId><SecretAccessKey>secret-${index}-key</SecretAccessKey><SessionToken>session-${index}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials>${made}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}
