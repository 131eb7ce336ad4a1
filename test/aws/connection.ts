import { type AwsEmulator, startAwsEmulator } from '../emulators/aws/aws-emulator.ts';
import type { AwsEmulatorOptions } from '../emulators/aws/contract.ts';
import { type CliAnswer, runCli, type Workspace, workspace } from '../support/cli.ts';

export interface AwsConnection {
  readonly emulator: AwsEmulator;
  readonly place: Workspace;
  /** `sassy run aws … --json` */
  aws(args: string, env?: Readonly<Record<string, string>>): Promise<CliAnswer>;
  /** The same as people read it. */
  told(args: string, env?: Readonly<Record<string, string>>): Promise<CliAnswer>;
  /** Without credentials, and with nobody listening where the API was. */
  offline(args: string): Promise<CliAnswer>;
  close(): Promise<void>;
}

export async function connection(options: AwsEmulatorOptions = {}): Promise<AwsConnection> {
  const emulator = await startAwsEmulator(options);
  const place = workspace();
  const login = {
    SASSY_AWS__ACCESS_KEY_ID: emulator.accessKeyId,
    SASSY_AWS__SECRET_ACCESS_KEY: emulator.secretAccessKey,
    SASSY_AWS__ROLES: emulator.roles.join(','),
    SASSY_AWS__BASE_URL: emulator.url,
  };
  const told: AwsConnection['told'] = (args, env = {}) =>
    runCli(['run', 'aws', ...args.split(' ')], { cwd: place.folder, env: { ...login, ...env } });
  return {
    emulator,
    place,
    told,
    aws: (args, env) => told(`${args} --json`, env),
    offline: (args) => runCli(['run', 'aws', ...args.split(' '), '--json'], { cwd: place.folder }),
    async close() {
      await emulator.close();
      place.remove();
    },
  };
}

/* oxlint-disable typescript/no-explicit-any -- answers are read freely by tests */
export function streamsOf(answer: CliAnswer): Readonly<Record<string, any>> {
  return Object.fromEntries(answer.json().streams.map((stream: any) => [stream.name, stream]));
}

export function parsersOf(answer: CliAnswer): Readonly<Record<string, any>> {
  return Object.fromEntries(answer.json().parsers.map((parser: any) => [parser.name, parser]));
}
/* oxlint-enable typescript/no-explicit-any */

/** Without what says that they are archived; those that are, are left out. */
export function live(entities: readonly { readonly archivedAt?: unknown }[]): readonly object[] {
  return entities
    .filter(({ archivedAt }) => archivedAt === undefined || archivedAt === null)
    .map(({ archivedAt: _never, ...fields }) => fields);
}

export function byId(list: readonly object[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list.map((item) => ['id' in item ? String(item.id) : '', item]));
}
