export interface ErrorKind {
  readonly exitCode: 1 | 2 | 3 | 4 | 5 | 6 | 75 | 130 | 143;
  /** One line for the list of errors. */
  readonly title: string;
  /** What is true of the data, when an error does not say more. */
  readonly state: string;
  /** What usually mends it, when an error does not say more. */
  readonly fix: string;
}

const COMMITTED = 'safe: all committed data is as it was';
const NOTHING_RUN = 'nothing was read or written';

/** Every error code there is. `docs/errors.md` has a section for each; a test holds the two together. */
export const ERROR_CODES = {
  // 1: a bug or the machine
  INTERNAL: {
    exitCode: 1,
    title: 'Something happened that sassy has no name for',
    state: COMMITTED,
    fix: 'run it again with --verbose and report what it prints',
  },
  DISK_FULL: {
    exitCode: 1,
    title: 'The disk is full',
    state: COMMITTED,
    fix: 'free some space and run the same command again',
  },
  DATA_DIR: {
    exitCode: 1,
    title: 'The data folder cannot be read or written',
    state: COMMITTED,
    fix: "look at the folder's permissions, or choose another folder with --data-dir",
  },
  OPEN_FILES: {
    exitCode: 1,
    title: 'Too few files may be open at once',
    state: COMMITTED,
    fix: 'raise the limit (ulimit -n 256), then run the same command again',
  },
  STORE_CORRUPT: {
    exitCode: 1,
    title: 'Stored data is not what was written',
    state: 'safe: nothing was changed; other streams are not touched',
    fix: 'put the folder back from a backup, or move it away and run: sassy run <integration> stream --full',
  },
  SINK_FAILED: {
    exitCode: 1,
    title: 'The sink refused the entities',
    state: 'safe: raw data is committed, the sink is as it was',
    fix: 'mend what the reason names, then run: sassy run <integration> parse (nothing is fetched again)',
  },
  PARSER_FAILED: {
    exitCode: 1,
    title: 'A parser threw',
    state: 'safe: raw data is committed, the sink is as it was',
    fix: 'correct the parser, then run: sassy run <integration> parse (nothing is fetched again)',
  },
  // 2: usage
  USAGE: { exitCode: 2, title: 'The command line is wrong', state: NOTHING_RUN, fix: 'sassy --help' },
  UNKNOWN_INTEGRATION: { exitCode: 2, title: 'There is no such integration', state: NOTHING_RUN, fix: 'sassy list' },
  UNKNOWN_STREAM: {
    exitCode: 2,
    title: 'There is no such stream',
    state: NOTHING_RUN,
    fix: 'sassy run <integration> --help lists the streams',
  },
  UNKNOWN_PARSER: {
    exitCode: 2,
    title: 'There is no such parser',
    state: NOTHING_RUN,
    fix: 'sassy run <integration> --help lists the parsers',
  },
  UNKNOWN_SCENARIO: {
    exitCode: 2,
    title: 'There is no such snapshot',
    state: NOTHING_RUN,
    fix: 'sassy run <integration> record <scenario> makes one',
  },
  NOTHING_THERE: {
    exitCode: 2,
    title: 'There is no data yet',
    state: NOTHING_RUN,
    fix: 'sassy run <integration> stream',
  },
  QUERY_FAILED: {
    exitCode: 2,
    title: 'The SQL could not be run',
    state: 'safe: queries are read-only',
    fix: 'correct the SQL; sassy query "show tables" lists the tables',
  },
  FILE_EXISTS: {
    exitCode: 2,
    title: 'A file is in the way',
    state: 'nothing was overwritten',
    fix: 'choose another name, or move the file away',
  },
  // 3: config or definition
  DEFINITION: {
    exitCode: 3,
    title: 'The integration is not defined right',
    state: NOTHING_RUN,
    fix: 'correct what the reason names in integrations/<integration>/',
  },
  CONFIG_MISSING: {
    exitCode: 3,
    title: 'A config value is missing',
    state: NOTHING_RUN,
    fix: 'set the variable in the environment or in .env; sassy help connections',
  },
  CONFIG_INVALID: {
    exitCode: 3,
    title: 'A config value is not valid',
    state: NOTHING_RUN,
    fix: 'correct the value where it is set; sassy help connections',
  },
  PARSER_NETWORK: {
    exitCode: 3,
    title: 'A parser tried to use the network',
    state: 'safe: nothing was sent, the sink is as it was',
    fix: 'fetch it in a stream, and give that stream to the parser',
  },
  STORE_VERSION: {
    exitCode: 3,
    title: 'The data was written by another version of sassy',
    state: 'safe: nothing was changed',
    fix: 'use the version of sassy that wrote the data, or another folder with --data-dir',
  },
  // 4: login or permission
  LOGIN_REFUSED: {
    exitCode: 4,
    title: 'The API refused the login',
    state: COMMITTED,
    fix: 'set a new token in the environment or in .env, then run: sassy run <integration> check',
  },
  PERMISSION_DENIED: {
    exitCode: 4,
    title: 'The login may not read this',
    state: COMMITTED,
    fix: 'give the login the missing permission (README of the integration), or leave the stream out with --streams',
  },
  SINK_DENIED: {
    exitCode: 4,
    title: "The sink's database refused the login, or what was asked of it",
    state: 'safe: raw data is committed, the sink is as it was',
    fix: 'give the role the right that the reason names, then run: sassy run <integration> parse (nothing is fetched again)',
  },
  // 5: the API refused or answered wrong
  API_REFUSED: {
    exitCode: 5,
    title: 'The API refused the request',
    state: COMMITTED,
    fix: 'read the reason; sassy run <integration> check shows what works',
  },
  API_WRONG_ANSWER: {
    exitCode: 5,
    title: 'The API answered something that cannot be right',
    state: COMMITTED,
    fix: 'run the same command again; if it stays, the API has changed and the stream needs a change',
  },
  PAGINATION_LOOP: {
    exitCode: 5,
    title: 'The API sent the same page token twice',
    state: COMMITTED,
    fix: "correct the stream's paginator; if it is right, report it to the vendor",
  },
  PAGE_CAP: {
    exitCode: 5,
    title: 'A list has more pages than its stream reads',
    state: COMMITTED,
    fix: "slice the stream smaller, or raise the paginator's maxPages",
  },
  PAGE_EXPIRED: {
    exitCode: 5,
    title: 'The API no longer goes on with the list where it was left',
    state: COMMITTED,
    fix: 'run the same command again; the list is read again from its first page',
  },
  LIST_UNSTABLE: {
    exitCode: 6,
    title: 'A list changed while it was read, so records may be missing',
    state: 'safe: all committed data is as it was; nothing is archived because of it',
    fix: 'run the same command again when the list changes less',
  },
  EGRESS_DENIED: {
    exitCode: 5,
    title: 'A link points to another host',
    state: 'safe: nothing was sent there',
    fix: "if the host is right, set it as the connection's baseUrl",
  },
  // 6: finished, with findings
  SNAPSHOT_MISMATCH: {
    exitCode: 6,
    title: 'A replay did not end as recorded',
    state: 'the snapshot is as it was',
    fix: 'if the change is meant: sassy run <integration> record <scenario>',
  },
  REPLAY_UNMATCHED: {
    exitCode: 6,
    title: 'A request is not in the snapshot',
    state: 'the network is closed; nothing was sent',
    fix: 'if the new request is meant: sassy run <integration> record <scenario>',
  },
  SECRET_IN_SNAPSHOT: {
    exitCode: 6,
    title: 'A recording still holds a secret',
    state: 'nothing was written',
    fix: "name the field in the integration's scrub rules, then record again",
  },
  SLICE_SKIPPED: {
    exitCode: 6,
    title: 'A part may not be read, or is gone, and is left out',
    state: COMMITTED,
    fix: 'give the login the missing permission if the part is wanted, then run the same command again',
  },
  TOO_MANY_INVALID: {
    exitCode: 6,
    title: 'Too many records do not match the schema',
    state: 'safe: raw data is committed, the sink is as it was',
    fix: 'correct the schema, then run: sassy run <integration> parse (nothing is fetched again)',
  },
  TOO_MANY_CHANGED: {
    exitCode: 6,
    title: 'A restream would change more than is allowed',
    state: 'safe: nothing was switched, every generation is as it was',
    fix: 'look at the changes with --diff --dry-run; if they are meant, raise --max-changed',
  },
  VERIFY_DIFFERS: {
    exitCode: 6,
    title: 'A sink does not hold what its raw data gives',
    state: 'safe: nothing was changed',
    fix: 'look at the examples; sassy run <integration> restream makes the entities anew from the raw data',
  },
  TOO_MANY_ARCHIVED: {
    exitCode: 6,
    title: 'More entities would be archived at once than is allowed',
    state: 'safe: raw data is committed, the sink is as it was',
    fix: 'if they are really gone, let them go: the same command with --max-archived 100%',
  },
  EXPECTATION_FAILED: {
    exitCode: 6,
    title: 'A stream does not hold what it is expected to hold',
    state: 'safe: raw data is committed, the sink is as it was',
    fix: 'look at the stream with sassy run <integration> show <stream>; if it is right, correct its `expect`',
  },
  PARENT_NOT_READ: {
    exitCode: 6,
    title: 'A stream was left out because its parent was not read',
    state: COMMITTED,
    fix: 'mend the error of the parent stream, then run the same command again',
  },
  // 75: temporary
  LOCK_HELD: {
    exitCode: 75,
    title: 'Another run is working on this connection',
    state: COMMITTED,
    fix: 'wait for it to end, then run the same command again',
  },
  FENCED: {
    exitCode: 75,
    title: 'Another run has taken over this connection',
    state: COMMITTED,
    fix: 'run the same command again',
  },
  STORE_REWRITTEN: {
    exitCode: 75,
    title: 'The raw data was changed while it was being read',
    state: COMMITTED,
    fix: 'run the same command again; it then reads what is there now',
  },
  API_UNAVAILABLE: {
    exitCode: 75,
    title: 'The API could not be reached or is failing',
    state: COMMITTED,
    fix: 'run the same command again; it goes on where it stopped',
  },
  RATE_LIMITED: {
    exitCode: 75,
    title: 'The rate limit will not be free for long',
    state: COMMITTED,
    fix: 'run the same command again then',
  },
  SINK_UNAVAILABLE: {
    exitCode: 75,
    title: "The sink's database cannot be reached",
    state: 'safe: raw data is committed; the sink holds the last batch whole or not at all',
    fix: 'when it answers again: sassy run <integration> parse (nothing is fetched again)',
  },
  // signals
  INTERRUPTED: {
    exitCode: 130,
    title: 'Stopped by Ctrl-C',
    state: COMMITTED,
    fix: 'run the same command again to go on',
  },
  TERMINATED: {
    exitCode: 143,
    title: 'Stopped by SIGTERM',
    state: COMMITTED,
    fix: 'run the same command again to go on',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CODES;
