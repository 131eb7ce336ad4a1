export interface ErrorKind {
  readonly exitCode: 1 | 2 | 3 | 4 | 5 | 6 | 75 | 130 | 143;
  /** One line for the list of errors. */
  readonly title: string;
  /** What is true of the data, when an error does not say more. */
  readonly state?: string;
  readonly fix?: string;
}

const COMMITTED = 'safe: all committed data is as it was';
const NOTHING_RUN = 'nothing was read or written';

/** Every error code there is. `docs/errors.md` has a section for each; a test holds the two together. */
export const ERROR_CODES = {
  // 1: a bug or the machine
  INTERNAL: { exitCode: 1, title: 'Something happened that sassy has no name for', state: COMMITTED, fix: 'run it again with --verbose and report what it prints' },
  DISK_FULL: { exitCode: 1, title: 'The disk is full', state: COMMITTED, fix: 'free some space and run the same command again' },
  DATA_DIR: { exitCode: 1, title: 'The data folder cannot be read or written', state: COMMITTED },
  STORE_CORRUPT: { exitCode: 1, title: 'Stored data is not what was written', state: 'safe: nothing was changed; other streams are not touched' },
  SINK_FAILED: { exitCode: 1, title: 'The sink refused the entities', state: 'safe: raw data is committed, the sink is as it was' },
  PARSER_FAILED: { exitCode: 1, title: 'A parser threw', state: 'safe: raw data is committed, the sink is as it was' },
  // 2: usage
  USAGE: { exitCode: 2, title: 'The command line is wrong', state: NOTHING_RUN, fix: 'sassy --help' },
  UNKNOWN_INTEGRATION: { exitCode: 2, title: 'There is no such integration', state: NOTHING_RUN, fix: 'sassy list' },
  UNKNOWN_STREAM: { exitCode: 2, title: 'There is no such stream', state: NOTHING_RUN },
  UNKNOWN_PARSER: { exitCode: 2, title: 'There is no such parser', state: NOTHING_RUN },
  UNKNOWN_SCENARIO: { exitCode: 2, title: 'There is no such snapshot', state: NOTHING_RUN },
  NOTHING_THERE: { exitCode: 2, title: 'There is no data yet', state: NOTHING_RUN },
  QUERY_FAILED: { exitCode: 2, title: 'The SQL could not be run', state: 'safe: queries are read-only' },
  FILE_EXISTS: { exitCode: 2, title: 'A file is in the way', state: 'nothing was overwritten' },
  // 3: config or definition
  DEFINITION: { exitCode: 3, title: 'The integration is not defined right', state: NOTHING_RUN },
  CONFIG_MISSING: { exitCode: 3, title: 'A config value is missing', state: NOTHING_RUN },
  CONFIG_INVALID: { exitCode: 3, title: 'A config value is not valid', state: NOTHING_RUN },
  STORE_VERSION: { exitCode: 3, title: 'The data was written by another version of sassy', state: 'safe: nothing was changed' },
  // 4: login or permission
  LOGIN_REFUSED: { exitCode: 4, title: 'The API refused the login', state: COMMITTED },
  PERMISSION_DENIED: { exitCode: 4, title: 'The login may not read this', state: COMMITTED },
  // 5: the API refused or answered wrong
  API_REFUSED: { exitCode: 5, title: 'The API refused the request', state: COMMITTED },
  API_WRONG_ANSWER: { exitCode: 5, title: 'The API answered something that cannot be right', state: COMMITTED },
  PAGINATION_LOOP: { exitCode: 5, title: 'The API sent the same page token twice', state: COMMITTED },
  EGRESS_DENIED: { exitCode: 5, title: 'A link points to another host', state: 'safe: nothing was sent there' },
  // 6: finished, with findings
  SNAPSHOT_MISMATCH: { exitCode: 6, title: 'A replay did not end as recorded', state: 'the snapshot is as it was' },
  REPLAY_UNMATCHED: { exitCode: 6, title: 'A request is not in the snapshot', state: 'the network is closed; nothing was sent' },
  SECRET_IN_SNAPSHOT: { exitCode: 6, title: 'A recording still holds a secret', state: 'nothing was written' },
  TOO_MANY_INVALID: { exitCode: 6, title: 'Too many records do not match the schema', state: 'safe: raw data is committed, the sink is as it was' },
  // 75: temporary
  LOCK_HELD: { exitCode: 75, title: 'Another run is working on this connection', state: COMMITTED, fix: 'wait for it to end, then run the same command again' },
  FENCED: { exitCode: 75, title: 'Another run has taken over this connection', state: COMMITTED, fix: 'run the same command again' },
  API_UNAVAILABLE: { exitCode: 75, title: 'The API could not be reached or is failing', state: COMMITTED, fix: 'run the same command again; it goes on where it stopped' },
  RATE_LIMITED: { exitCode: 75, title: 'The rate limit will not be free for long', state: COMMITTED, fix: 'run the same command again then' },
  // signals
  INTERRUPTED: { exitCode: 130, title: 'Stopped by Ctrl-C', state: COMMITTED, fix: 'run the same command again to go on' },
  TERMINATED: { exitCode: 143, title: 'Stopped by SIGTERM', state: COMMITTED, fix: 'run the same command again to go on' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CODES;
