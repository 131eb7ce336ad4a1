import { snakeCase } from './names.ts';
import type { IntegrationRecord } from './define-integration.ts';
import type { Problem } from './definition-problem.ts';
import { isZodObject } from './zod-kind.ts';

const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Names that a connection's entry has for itself, and that JavaScript has for every object. */
const RESERVED = [
  'integration',
  'connection',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
] as const;

/** Checks what an integration says about itself: title, config, http. */
export function checkSettings(options: IntegrationRecord): readonly Problem[] {
  return [...titleProblems(options.title), ...configProblems(options.config), ...httpProblems(options.http)];
}

function titleProblems(title: unknown): readonly Problem[] {
  if (typeof title === 'string' && title.trim() !== '') return [];
  return [{ what: 'the integration has no title', fix: "write title: 'Snyk', the service's name as people write it" }];
}

function configProblems(config: unknown): readonly Problem[] {
  if (!isZodObject(config)) {
    return [{ what: 'config is no zod object', fix: 'write config: z.object({ token: secret() }), with zod 4' }];
  }
  const names = Object.keys(config.shape);
  const envNames = names.map((name) => snakeCase(name).toUpperCase());
  return names.flatMap((name, index): readonly Problem[] => {
    if (RESERVED.some((reserved) => reserved === name)) {
      return [
        {
          what: `the config field '${name}' has a reserved name`,
          fix: `call it ${name}Name or something that says more`,
        },
      ];
    }
    if (!FIELD_NAME.test(name) || name.includes('__')) {
      return [
        { what: `'${name}' is no name for a config field`, fix: 'write letters and digits, a letter first: apiToken' },
      ];
    }
    const same = names[envNames.indexOf(envNames[index] ?? '')];
    if (same === undefined || same === name) return [];
    return [
      {
        what: `the config fields '${same}' and '${name}' are the same environment variable`,
        fix: 'rename one of them',
      },
    ];
  });
}

/** V8 holds texts of up to 2^29 - 24 characters. */
const MOST_BODY_BYTES = 500 * 1024 * 1024;

function bodySizeProblems(http: unknown): readonly Problem[] {
  const size: unknown = typeof http === 'object' && http !== null && 'maxBodyBytes' in http ? http.maxBodyBytes : 1;
  if (typeof size === 'number' && Number.isInteger(size) && size >= 1 && size <= MOST_BODY_BYTES) return [];
  return [
    {
      what: `http.maxBodyBytes is no number of bytes from 1 to ${MOST_BODY_BYTES}`,
      fix: 'write maxBodyBytes: 200 * 1024 * 1024 for answers of up to 200 MiB, or leave it out for 64 MiB',
    },
  ];
}

function httpProblems(http: unknown): readonly Problem[] {
  const baseUrl = typeof http === 'object' && http !== null && 'baseUrl' in http ? http.baseUrl : undefined;
  const url = typeof baseUrl === 'string' ? URL.parse(baseUrl) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return bodySizeProblems(http);
  return [
    {
      what: 'http has no baseUrl that is an http(s) URL',
      fix: "write http: { baseUrl: 'https://api.example.com/v1', … }",
    },
  ];
}
