import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ConfigRequest, resolveConfig } from '../../src/cli/config/resolve-config.ts';
import { snakeCase } from '../../src/cli/config/env-name.ts';
import { parseSets } from '../../src/cli/config/set-option.ts';
import { isSassyError, type SassyError } from '../../src/errors/sassy-error.ts';
import { isSecretField, secret } from '../../src/integration/secret-field.ts';

const TOKEN = 'canary-7f3a-$&+/=%"';

const Config = z.object({
  token: secret().describe('an API token'),
  orgId: z.string(),
  baseUrl: z.url().default('https://api.example.com'),
  pageSize: z.int().min(1).max(100).default(50),
  archived: z.boolean().optional(),
  teams: z.array(z.string()).default([]),
  numbers: z.array(z.number()).optional(),
});

interface Sources {
  readonly sets?: readonly string[];
  readonly env?: Record<string, string>;
  readonly local?: Record<string, string>;
  readonly dotEnv?: Record<string, string>;
  readonly file?: Record<string, unknown>;
  readonly connection?: string;
}

function request({
  sets = [],
  env = {},
  local = {},
  dotEnv = {},
  file = {},
  connection = 'snyk',
}: Sources): ConfigRequest<typeof Config> {
  return {
    integration: 'snyk',
    connection,
    schema: Config,
    isSecret: isSecretField,
    sets: parseSets(sets),
    env,
    envFiles: { '.env.local': new Map(Object.entries(local)), '.env': new Map(Object.entries(dotEnv)) },
    file,
  };
}

const NEEDED = { SASSY_SNYK__TOKEN: TOKEN, SASSY_SNYK__ORG_ID: 'o1' };

function resolve(sources: Sources) {
  return resolveConfig(request({ ...sources, dotEnv: { ...NEEDED, ...sources.dotEnv } }));
}

function failure(work: () => unknown): SassyError {
  try {
    work();
  } catch (error) {
    if (isSassyError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function textOf({ message, why, state, fix }: SassyError): string {
  return [message, why, state, fix].join('\n');
}

describe('where values come from', () => {
  const name = 'SASSY_SNYK__ORG_ID';
  const layers: readonly (readonly [string, Sources])[] = [
    ['--set orgId', { sets: ['orgId=set'] }],
    [name, { env: { [name]: 'env' } }],
    [`${name} in .env.local`, { local: { [name]: 'local' } }],
    [`${name} in .env`, { dotEnv: { [name]: 'dotEnv' } }],
    ['sassy.config.ts', { file: { orgId: 'file' } }],
  ];

  test.each(layers.map(([origin], at) => ({ origin, at })))('$origin wins over all below it', ({ origin, at }) => {
    const sources = layers.slice(at).reduce<Sources>((all, [, layer]) => ({ ...layer, ...all }), {});
    const token = { SASSY_SNYK__TOKEN: TOKEN };
    const { config, origins } = resolveConfig(request({ ...sources, env: { ...sources.env, ...token } }));
    expect(origins['orgId']).toBe(origin);
    expect(config.orgId).toBe(['set', 'env', 'local', 'dotEnv', 'file'][at]);
  });

  test('defaults come last, and fields without a value have no origin', () => {
    const { config, origins } = resolve({});
    expect(config.baseUrl).toBe('https://api.example.com');
    expect(origins).toEqual({
      token: 'SASSY_SNYK__TOKEN in .env',
      orgId: 'SASSY_SNYK__ORG_ID in .env',
      baseUrl: 'default',
      pageSize: 'default',
      teams: 'default',
    });
  });

  test('an empty variable counts as not set', () => {
    expect(resolve({ env: { SASSY_SNYK__ORG_ID: '' }, local: { SASSY_SNYK__ORG_ID: '' } }).config.orgId).toBe('o1');
  });

  test('a named connection has its own variables and takes nothing from the default one', () => {
    const env = { SASSY_SNYK_ACME_1__TOKEN: 'other', SASSY_SNYK_ACME_1__ORG_ID: 'o2', ...NEEDED };
    expect(resolveConfig(request({ connection: 'acme-1', env })).config.orgId).toBe('o2');
    expect(failure(() => resolveConfig(request({ connection: 'acme', env }))).code).toBe('CONFIG_MISSING');
  });

  test.each([
    ['baseUrl', 'BASE_URL'],
    ['apiURLPath', 'API_URL_PATH'],
    ['clientID', 'CLIENT_ID'],
    ['my-team_x', 'MY_TEAM_X'],
    ['oauth2Scope', 'OAUTH2_SCOPE'],
  ])('%s is %s', (field, name) => expect(snakeCase(field)).toBe(name));
});

describe('texts become what the schema takes', () => {
  test('numbers, booleans and lists', () => {
    const { config } = resolve({
      sets: ['archived=off', 'teams=a, b,,c', 'numbers=1,2.5'],
      env: { SASSY_SNYK__PAGE_SIZE: '20' },
    });
    expect(config).toMatchObject({ pageSize: 20, archived: false, teams: ['a', 'b', 'c'], numbers: [1, 2.5] });
  });

  test.each(['NaN', '1e309', '0x10', '', 'ten', 'Infinity', '1_000'])('%j is no number', (value) => {
    const error = failure(() => resolve({ sets: [`pageSize=${value}`] }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', why: 'pageSize: is not a number (from --set pageSize)' });
  });

  test('what the schema refuses is reported with its place, all at once', () => {
    const error = failure(() =>
      resolve({ env: { SASSY_SNYK__PAGE_SIZE: '-3' }, local: { SASSY_SNYK__BASE_URL: 'nonsense' } }),
    );
    expect(error.message).toBe('2 config values of snyk are not valid');
    expect(error.why).toMatch(/baseUrl: Invalid URL \(from SASSY_SNYK__BASE_URL in \.env\.local\)/);
    expect(error.why).toMatch(/pageSize: .*>=1.* \(from SASSY_SNYK__PAGE_SIZE\)/);
  });

  test('values of sassy.config.ts are taken as they are', () => {
    expect(failure(() => resolve({ file: { pageSize: '20' } })).why).toMatch(/expected number.*from sassy\.config\.ts/);
  });
});

describe('errors', () => {
  test('all missing fields are named at once, with their variables', () => {
    const error = failure(() => resolveConfig(request({})));
    expect(error).toMatchObject({ code: 'CONFIG_MISSING', message: 'snyk has no token, orgId' });
    expect(error.why).toBe('SASSY_SNYK__TOKEN is not set (token: an API token)\nSASSY_SNYK__ORG_ID is not set (orgId)');
    expect(error.fix).toMatch(/\.env.*\nSASSY_SNYK__TOKEN=…\nSASSY_SNYK__ORG_ID=…\nor give --set orgId=…/);
  });

  test('a placeholder stands in for what is missing, and is no secret', () => {
    const resolved = resolveConfig({ ...request({}), placeholder: () => 'replay' });
    expect(resolved.config.token.reveal()).toBe('replay');
    expect(resolved.secrets).toEqual([]);
  });

  test('--set of a secret, or of nothing that exists', () => {
    const withSecret = failure(() => resolve({ sets: [`token=${TOKEN}`] }));
    expect(withSecret.code).toBe('USAGE');
    expect(withSecret.fix).toContain('SASSY_SNYK__TOKEN');
    expect(textOf(withSecret)).not.toContain(TOKEN);
    expect(failure(() => resolve({ sets: ['pagesize=3'] })).message).toContain('Did you mean pageSize?');
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(failure(() => resolve({ sets: [`${name}=3`] })).code).toBe('USAGE');
    }
    expect(failure(() => resolve({ sets: [TOKEN.replaceAll('=', '')] })).message).not.toContain('canary');
  });

  test('sassy.config.ts holds no secret and no unknown field', () => {
    const error = failure(() => resolve({ file: { token: TOKEN } }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.fix).toContain('SASSY_SNYK__TOKEN');
    expect(textOf(error)).not.toContain(TOKEN);
    expect(failure(() => resolve({ file: { orgid: 1 } })).message).toContain('Did you mean orgId?');
  });

  test.each(['\r\nX-Evil: 1', '\n', '\0', '\u001B[2J'])('a secret with %j in it is refused and not shown', (tail) => {
    const error = failure(() => resolve({ env: { SASSY_SNYK__TOKEN: TOKEN + tail } }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(error.why).toMatch(/token: has a (line break|control character) in it \(from SASSY_SNYK__TOKEN\)/);
    expect(textOf(error)).not.toContain('canary');
  });

  test('a header value in a list is looked at too', () => {
    expect(failure(() => resolve({ file: { teams: ['a', 'b\r\nc'] } })).why).toContain('line break');
  });

  test('what a schema says about a secret cannot give it away', () => {
    const schema = z.object({
      token: secret().refine(() => false, { error: ({ input }) => `${String(input)} is bad` }),
      key: z
        .string()
        .refine((value) => value.startsWith('k_'), { error: ({ input }) => `wrong key ${String(input).slice(0, 8)}` })
        .meta({ secret: true }),
    });
    const env = { SASSY_SNYK__TOKEN: TOKEN, SASSY_SNYK__KEY: TOKEN };
    const error = failure(() => resolveConfig({ ...request({ env }), schema }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(textOf(error)).not.toContain('canary');
  });
});

test('secrets are collected, and variables that name no field are told', () => {
  const { secrets, warnings, config } = resolve({
    env: { SASSY_SNYK__TOKE: 'x' },
    local: { SASSY_SNYK__NOTHING_LIKE: 'y' },
  });
  expect(secrets.map((item) => item.reveal())).toEqual([TOKEN]);
  expect(warnings).toEqual([
    'SASSY_SNYK__TOKE in the environment is not a field of snyk. Did you mean SASSY_SNYK__TOKEN?',
    'SASSY_SNYK__NOTHING_LIKE in .env.local is not a field of snyk',
  ]);
  expect(JSON.stringify(config)).not.toContain(TOKEN);
});
