import { aligned } from '../render/aligned.ts';

export interface EnvironmentVariable {
  readonly name: string;
  readonly meaning: string;
}

/** Every variable that sassy reads. */
export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  { name: 'SASSY_<CONNECTION>__<FIELD>', meaning: 'a config field of a connection, see: sassy help connections' },
  { name: 'SASSY_HOME', meaning: 'the data folder; --data-dir wins; default: .sassy in the current folder' },
  {
    name: 'SASSY_POSTGRES_URL',
    meaning: 'the database of the sink postgres: postgresql://user:password@host:5432/name',
  },
  { name: 'PGPASSWORD', meaning: 'its password, where the URL has none' },
  { name: 'SASSY_CA_FILE', meaning: 'certificates in PEM of authorities to trust besides those that Node trusts' },
  { name: 'HTTPS_PROXY, HTTP_PROXY', meaning: 'the proxy for requests, as http://user:password@host:port' },
  { name: 'NO_PROXY', meaning: 'hosts that are asked without the proxy, with commas between' },
  { name: 'SASSY_KEY', meaning: 'seals stored logins: 32 bytes in base64 (openssl rand -base64 32) or a passphrase' },
  { name: 'SASSY_KEY_BEFORE', meaning: 'the key before SASSY_KEY, while it is being changed' },
  { name: 'NO_COLOR', meaning: 'not empty: no colour and nothing that moves; wins over FORCE_COLOR' },
  { name: 'FORCE_COLOR', meaning: 'colour also where the output is no terminal' },
  { name: 'TERM', meaning: '"dumb": no colour and nothing that moves' },
  { name: 'CI', meaning: 'set: no colour and nothing that moves' },
  { name: 'COLUMNS', meaning: 'the width of a terminal that does not tell its own' },
];

/** `sassy help environment` */
export function environmentTopic(): string {
  return `Environment variables

${aligned(
  ENVIRONMENT_VARIABLES.map(({ name, meaning }) => [name, meaning]),
  '  ',
).join('\n')}

Variables whose names begin with SASSY_ may also stand in .env.local and .env of the project; what is set in
the environment wins. An empty variable counts as not set.
`;
}
