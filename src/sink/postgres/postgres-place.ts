import type { ConnectionOptions } from 'node:tls';
import { SassyError } from '../../errors/sassy-error.ts';

/** Where a PostgreSQL server is and how to get in, as the library takes it. */
export interface PostgresPlace {
  /** A name or an address; a folder for a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Undefined: PGPASSWORD or `~/.pgpass`, if the server asks for one. */
  readonly password?: string;
  readonly ssl: false | ConnectionOptions;
  readonly application_name: string;
}

export interface PostgresUrlOptions {
  /** The variable that held the URL, for messages. */
  readonly variable: string;
  readonly readFile: (path: string) => Promise<Buffer>;
  /** Authorities of certificates to trust besides Node's, in PEM. */
  readonly extraCa?: string | undefined;
}

const PARAMETERS = ['host', 'user', 'password', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name'];

/**
 * Reads `postgresql://user:password@host:5432/database?sslmode=…`. `sslmode` is libpq's: `disable`, `require` (encrypted,
 * whoever answers; with `sslrootcert` checked as `verify-ca`), `verify-ca`, `verify-full`. Without one: `verify-full`, and
 * `disable` for this machine. `allow` and `prefer` are refused: they hand the password to whoever says that he
 * cannot encrypt. https://www.postgresql.org/docs/current/libpq-connect.html
 *
 * @throws SassyError CONFIG_INVALID; no message holds a part of the URL that may be secret
 */
export async function postgresPlace(url: string, options: PostgresUrlOptions): Promise<PostgresPlace> {
  const { variable } = options;
  const invalid = (why: string, cause?: unknown): SassyError =>
    new SassyError('CONFIG_INVALID', {
      message: `${variable} is no URL of a PostgreSQL database that can be used`,
      why,
      fix: `set ${variable}=postgresql://user:password@host:5432/database (percent-encode what is special in the password)`,
      cause,
    });
  // `user@/database?host=…`: a URL of the web has a host where it has a user.
  const parsed = URL.parse(url.trim().replace(/^(postgres(?:ql)?:\/\/[^/@]*@)\//, '$1localhost/'));
  if (parsed === null) throw invalid('it cannot be read as a URL');
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw invalid('it must begin with postgresql:// or postgres://');
  }
  const query = parsed.searchParams;
  const unknown = [...query.keys()].filter((name) => !PARAMETERS.includes(name));
  if (unknown.length > 0) throw invalid(`only these parameters are known: ${PARAMETERS.join(', ')}`);
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw invalid('a % in it begins no percent-encoded character');
    }
  };
  const host = query.get('host') || decoded(parsed.hostname.replace(/^\[|\]$/g, '')) || 'localhost';
  const user = decoded(parsed.username) || query.get('user') || '';
  const password = decoded(parsed.password) || query.get('password') || '';
  const database = decoded(parsed.pathname.slice(1));
  if (user === '') throw invalid('it names no user');
  if (database === '') throw invalid('it names no database');
  try {
    return {
      host,
      port: parsed.port === '' ? 5432 : Number(parsed.port),
      database,
      user,
      ...(password === '' ? {} : { password }),
      ssl: await tls(host, query, options),
      application_name: query.get('application_name') ?? 'sassy',
    };
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

async function tls(
  host: string,
  query: URLSearchParams,
  { readFile, extraCa }: PostgresUrlOptions,
): Promise<false | ConnectionOptions> {
  const mode = query.get('sslmode') ?? (isThisMachine(host) ? 'disable' : 'verify-full');
  if (mode === 'disable' || host.startsWith('/')) return false;
  if (!['require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw new Error('sslmode is disable, require, verify-ca or verify-full');
  }
  const file = async (name: string): Promise<string | undefined> => {
    const path = query.get(name);
    return path === null ? undefined : (await readFile(path)).toString('utf8');
  };
  const [root, cert, key] = [await file('sslrootcert'), await file('sslcert'), await file('sslkey')];
  const client = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  if (mode === 'require' && root === undefined) return { ...client, rejectUnauthorized: false };
  const { getCACertificates } = await import('node:tls');
  const ca = root === undefined ? [...getCACertificates('default'), ...(extraCa === undefined ? [] : [extraCa])] : root;
  // `verify-ca` and `require` with an authority do not look at the name in the certificate.
  const anyName = mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined };
  // With an address in place of a name the library leaves the check nothing to compare with.
  return { ...client, ...anyName, ca, host, rejectUnauthorized: true };
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');
}
