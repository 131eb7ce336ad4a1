import type { Secret } from '../util/secret.ts';
import type { Host } from '../util/host.ts';
import type { Style } from './render/style.ts';

/** What the process gives to a command. `main.ts` builds it; nothing else in the CLI looks at `process`. */
export interface CliEnvironment {
  readonly host: Host;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** What stdout can show. */
  readonly style: Style;
  /** Taken out of every text that leaves the process; the secrets of a session are added as they become known. */
  readonly redaction: Redaction;
  /** Aborted by the first Ctrl-C or SIGTERM with the SassyError that the run ends with. */
  readonly signal: AbortSignal;
  /** The package's own folder: shipped integrations, snapshots and templates lie below it. */
  readonly packageFolder: string;
  /** `v24.21.0` */
  readonly nodeVersion: string;
}

export interface Redaction {
  add(secrets: readonly Secret[]): Promise<void>;
  readonly redact: (text: string) => string;
}

export interface OutputStream {
  /** Resolves when the reader has taken it: a slow pipe holds the writer back. */
  write(text: string): Promise<void>;
  readonly isTTY: boolean;
  readonly columns: number | undefined;
}

/** The options that every command understands. */
export interface CommonOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly dataDir: string | undefined;
}

/** What a command answers: an object for `--json`, a text for people, the exit code. */
export interface Answer {
  readonly exitCode: number;
  /** Undefined where the command has written its answer itself. */
  readonly json: object | undefined;
  /** Printed to stdout without `--json`; '' prints nothing. */
  readonly text: string;
  /** The text goes to stderr, because stdout holds the entities. */
  readonly isAside?: boolean;
}
