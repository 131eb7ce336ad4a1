import { envName } from '../config/env-name.ts';

/** `sassy help connections` */
export function connectionsTopic(): string {
  const token = envName({ integration: 'snyk', connection: 'snyk' }, 'token');
  const acmeToken = envName({ integration: 'snyk', connection: 'acme' }, 'token');
  const baseUrl = envName({ integration: 'snyk', connection: 'snyk' }, 'baseUrl');
  return `Connections

A connection is one login of an integration, with its own data, state and lock.

  snyk         the default connection of the integration snyk
  snyk/acme    another one; also: snyk --connection acme
  snyk/replay  what --replay fetched: demo and real data never mix

Names have 1 to 63 characters out of a-z, 0-9, _ and -, and begin with a letter or a digit.

Config fields come from the first of these places that has them:

  --set field=value      never for a secret
  the environment        ${token} for snyk, ${acmeToken} for snyk/acme
  .env.local, then .env  the same names
  sassy.config.ts        connections: { 'snyk/acme': { … } }, never for a secret
  the default            from the integration

Field names are written in SNAKE_CASE: baseUrl is ${baseUrl}. Lists are written with commas.
A named connection takes nothing from the default one. "sassy run <integration> --help" lists the fields.
`;
}
