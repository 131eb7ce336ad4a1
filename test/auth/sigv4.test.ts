import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { awsSigV4 } from '../../src/http/auth/aws-sig-v4.ts';
import { signatureV4, type SignableRequest } from '../../src/http/auth/sigv4.ts';
import { Secret } from '../../src/util/secret.ts';
import { authRig } from './auth-rig.ts';
import { serve } from '../http/local-server.ts';

interface SuiteCase {
  readonly req: string;
  readonly creq: string;
  readonly sts: string;
  readonly authz: string;
}

/** AWS's own cases, where they have been fetched; their place is given by SIGV4_SUITE. */
const file = process.env['SIGV4_SUITE'] ?? '/work/shared/data/aws/sigv4-test-suite.json';
const suite: { readonly cases: Readonly<Record<string, SuiteCase>> } = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { cases: {} };

const scope = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
};

/** The request of a case. The suite adds a session token in one case, and signs without it in another. */
function requestOf({ req, creq }: SuiteCase): SignableRequest {
  const [head = '', ...bodyParts] = req.split('\n\n');
  const [first = '', ...lines] = head.trimEnd().split('\n');
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const headers: Record<string, string> = {};
  let last = '';
  for (const line of lines) {
    const at = line.indexOf(':');
    if (/^\s/.test(line)) headers[last] = `${headers[last]} ${line}`;
    else {
      last = line.slice(0, at).toLowerCase();
      const value = line.slice(at + 1);
      headers[last] = headers[last] === undefined ? value : `${headers[last]},${value}`;
    }
  }
  const signedToken = /^x-amz-security-token:(.*)$/m.exec(creq)?.[1];
  if (signedToken !== undefined) headers['x-amz-security-token'] = signedToken;
  const at = target.indexOf('?');
  const [path, query] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
  return { method, path, query, headers, body: bodyParts.join('\n\n') };
}

describe.skipIf(!existsSync(file))('the test suite of AWS (skipped where it has not been fetched)', () => {
  test('has cases', () => expect(Object.keys(suite.cases).length).toBeGreaterThan(30));

  test.each(Object.entries(suite.cases))('%s', (_name, expected) => {
    const { canonicalRequest, stringToSign, authorization } = signatureV4(requestOf(expected), scope);
    expect(canonicalRequest).toBe(expected.creq);
    expect(stringToSign).toBe(expected.sts);
    expect(authorization).toBe(expected.authz);
  });
});
