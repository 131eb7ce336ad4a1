import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { durationMs } from '../../src/integration/duration.ts';
import { singular, snakeCase } from '../../src/integration/names.ts';
import { isSecretField, secret } from '../../src/integration/secret-field.ts';
import { Secret } from '../../src/util/secret.ts';

describe('secret()', () => {
  it('gives a Secret, and refuses an empty text', () => {
    const Config = z.object({ token: secret(), old: secret().optional() });
    const { token, old } = Config.parse({ token: 'abc' });
    expect(token).toBeInstanceOf(Secret);
    expect(token.reveal()).toBe('abc');
    expect(old).toBeUndefined();
    expect(Config.safeParse({ token: '' }).success).toBe(false);
  });

  it.each([
    ['secret()', secret()],
    ['described', secret().describe('a token')],
    ['with more meta', secret().meta({ title: 'Token' })],
    ['optional', secret().optional()],
    ['described, then optional', secret().describe('x').optional()],
    ['optional, then described', secret().optional().describe('x')],
    ['nullable', secret().nullable()],
    ['refined', secret().refine((value) => value.reveal().length > 2)],
    ['with a default', secret().default(new Secret('x'))],
    ['read-only', secret().readonly()],
    ['piped', secret().pipe(z.custom<Secret>())],
  ])('is known when it is %s', (_title, schema) => {
    expect(isSecretField(schema)).toBe(true);
  });

  it.each([
    ['a string', z.string()],
    ['an optional string', z.string().optional()],
    ['a transform', z.string().transform((value) => value.length)],
    ['a described string', z.string().describe('secret')],
  ])('is not taken for %s', (_title, schema) => {
    expect(isSecretField(schema)).toBe(false);
  });

  it('keeps its description', () => {
    expect(z.globalRegistry.get(secret().describe('a token'))?.description).toBe('a token');
  });
});

describe('names', () => {
  it.each([
    ['Orgs', 'orgs'],
    ['CodeScanningAlerts', 'code_scanning_alerts'],
    ['AWSAccounts', 'aws_accounts'],
    ['EC2Instances', 'ec2_instances'],
  ])('%s is the stream %s', (name, expected) => expect(snakeCase(name)).toBe(expected));

  it.each([
    ['projects', 'project'],
    ['repositories', 'repository'],
    ['addresses', 'address'],
    ['statuses', 'status'],
    ['branches', 'branch'],
    ['boxes', 'box'],
    ['licenses', 'license'],
    ['databases', 'database'],
    ['code_scanning_alerts', 'code_scanning_alert'],
    ['access', 'access'],
    ['data', 'data'],
  ])('one of %s is %s', (plural, expected) => expect(singular(plural)).toBe(expected));
});

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['10', undefined],
    ['-1s', undefined],
    ['soon', undefined],
    ['1 m', undefined],
  ])('%s is %s ms', (text, expected) => expect(durationMs(text)).toBe(expected));
});
