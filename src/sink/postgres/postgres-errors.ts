import { codeOf } from '../../errors/error-code.ts';
import type { ErrorCode } from '../../errors/registry.ts';
import { type ErrorDetails, isSassyError, SassyError } from '../../errors/sassy-error.ts';

/** Whose errors they are: what a message may say of the server. */
export interface PostgresName {
  /** `warehouse on db.example.com:5432`; no user, no password. */
  readonly database: string;
  readonly role: string;
  /** The variable that holds the URL. */
  readonly variable: string;
  readonly shown: string;
  readonly own: string;
}

interface Kind {
  /** The beginning of an SQLSTATE, Node's code, or a part of the library's own text. */
  readonly when: RegExp;
  readonly code: ErrorCode;
  readonly details: (name: PostgresName) => ErrorDetails;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html; the first that matches. */
const KINDS: readonly Kind[] = [
  {
    when: /^28/,
    code: 'SINK_DENIED',
    details: ({ database, role, variable }) => ({
      message: `${database} refused the login of ${role}`,
      fix: `correct user and password in ${variable}, then run the same command again`,
    }),
  },
  {
    when: /^42501/,
    code: 'SINK_DENIED',
    details: ({ database, role, shown, own }) => ({
      message: `${role} lacks a right on ${database}`,
      fix: `as an administrator, either: GRANT CREATE, TEMPORARY ON DATABASE … TO ${role}; or: CREATE SCHEMA "${shown}" AUTHORIZATION ${role}; CREATE SCHEMA "${own}" AUTHORIZATION ${role}. Then run the same command again`,
    }),
  },
  {
    when: /^25006/,
    code: 'SINK_DENIED',
    details: ({ database, variable }) => ({
      message: `${database} can only be read: it is a replica, or read-only for this role`,
      fix: `name the primary server in ${variable}`,
    }),
  },
  {
    when: /^3D000/,
    code: 'CONFIG_INVALID',
    details: ({ database, variable }) => ({
      message: `there is no database ${database}`,
      fix: `make it (createdb), or correct ${variable}`,
    }),
  },
  {
    when: /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS|ERR_SSL|EPROTO)|server does not support SSL/,
    code: 'CONFIG_INVALID',
    details: ({ database, variable }) => ({
      message: `the encrypted connection to ${database} could not be made`,
      fix: `name the authority of its certificate: SASSY_CA_FILE=/path/to/ca.pem, or sslrootcert=… in ${variable}; sslmode=require does not check it, sslmode=disable does not encrypt`,
    }),
  },
  {
    when: /^(53100|53200|58030)/,
    code: 'DISK_FULL',
    details: ({ database }) => ({
      message: `the server of ${database} has no room left`,
      fix: 'free some space there, then run: sassy run <integration> parse (nothing is fetched again)',
    }),
  },
  {
    when: /^55P03/,
    code: 'LOCK_HELD',
    details: ({ database, shown }) => ({
      message: `somebody holds a lock on what is to be changed in ${database}`,
      state: 'safe: raw data is committed, the sink is as it was',
      fix: `wait for the other run or the long query on ${shown} to end (pg_stat_activity shows it), then run the same command again`,
    }),
  },
  {
    when: /^2BP01/,
    code: 'SINK_FAILED',
    details: ({ shown }) => ({
      message: `a view that somebody made hangs on a column that the entity no longer has in that form (schema ${shown})`,
      fix: 'drop that view, run the same command again, and make it anew',
    }),
  },
  {
    when: /^(08|57P0|57014|53300|40|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|ENOENT)|Connection terminated|timeout expired|not queryable|connection error|Client was closed/,
    code: 'SINK_UNAVAILABLE',
    details: ({ database }) => ({ message: `${database} cannot be reached, or the connection broke off` }),
  },
];

/** Names what the server, the network or the library threw: SINK_FAILED with the server's words where nothing fits better. */
export function postgresErrors(name: PostgresName): (error: unknown) => SassyError {
  return (thrown) => {
    if (isSassyError(thrown)) return thrown;
    // A name with several addresses fails with all of their errors.
    const [inner]: unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
    const why = inner instanceof Error ? [inner.message, detailOf(inner)].filter(Boolean).join(': ') : String(inner);
    const code = codeOf(inner);
    const kind = KINDS.find(({ when }) => (code !== undefined && when.test(code)) || when.test(why));
    if (kind !== undefined) return new SassyError(kind.code, { why, ...kind.details(name), cause: thrown });
    return new SassyError('SINK_FAILED', { message: `${name.database} refused it`, why, cause: thrown });
  };
}

/** Which views hang on what is to be dropped. Details of other errors quote values of rows. */
function detailOf(error: Error): string {
  return codeOf(error) === '2BP01' && 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
}
