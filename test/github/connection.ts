import {
  startGithubEmulator,
  type GithubEmulator,
  type GithubEmulatorOptions,
} from '../emulators/github/github-emulator.ts';
import { type CliAnswer, runCli, workspace } from '../support/cli.ts';

/** An emulator, an empty folder and commands that know both. */
export interface Connection {
  readonly emulator: GithubEmulator;
  readonly folder: string;
  /** `sassy run github <args> --json`, logged in. */
  run(args: string, env?: Readonly<Record<string, string>>): Promise<CliAnswer>;
  /** The same with no secret and no address. */
  offline(args: string): Promise<CliAnswer>;
  close(): Promise<void>;
}

export async function connect(
  options: GithubEmulatorOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<Connection> {
  const emulator = await startGithubEmulator(options);
  const place = workspace();
  const orgs = emulator.truth.accounts.flatMap(({ login, type }) => (type === 'Organization' ? [login] : []));
  const own = {
    SASSY_GITHUB__TOKEN: emulator.token,
    SASSY_GITHUB__BASE_URL: emulator.url,
    SASSY_GITHUB__ORGS: orgs.join(','),
    SASSY_GITHUB__USERS: 'octocat',
    ...env,
  };
  const sassy = (args: string, variables: Readonly<Record<string, string>>): Promise<CliAnswer> =>
    runCli(['run', 'github', ...args.split(' '), '--json'], { cwd: place.folder, env: variables });
  return {
    emulator,
    folder: place.folder,
    run: (args, more = {}) => sassy(args, { ...own, ...more }),
    offline: (args) => sassy(args, {}),
    close: async () => {
      await emulator.close();
      place.remove();
    },
  };
}

export interface StreamLine {
  readonly name: string;
  readonly status: string;
  readonly records: number;
  readonly pages: number;
  readonly unchangedPages?: number;
  readonly requests: number;
  readonly retries: number;
  readonly skippedSlices?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

export function streamNamed(answer: CliAnswer, name: string): StreamLine {
  const found: StreamLine | undefined = answer.json().streams.find((line: StreamLine) => line.name === name);
  if (found === undefined) throw new Error(`no stream ${name}: ${answer.stderr}`);
  return found;
}

export function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
}
