import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimOf, signatureProblem } from './signature.ts';

interface SuiteCase {
  readonly req: string;
  readonly creq: string;
  readonly authz: string;
}

const FILE = resolve(import.meta.dirname, '../../../../shared/data/aws/sigv4-test-suite.json');
const suite: { readonly cases: Readonly<Record<string, SuiteCase>> } = existsSync(FILE)
  ? JSON.parse(readFileSync(FILE, 'utf8'))
  : { cases: {} };
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** As a server sees it: lines joined, values of one name joined. */
function received({ req, authz }: SuiteCase): Parameters<typeof signatureProblem>[0] {
  const [head = '', ...body] = req.split('\n\n');
  const [first = '', ...lines] = head.trimEnd().split('\n');
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const headers: Record<string, string> = { authorization: authz };
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1);
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { method, target, headers, body: body.join('\n\n') };
}

/** Paths with dots, spaces or bare UTF-8, folded headers and unsigned tokens are no business of S3, IAM and STS. */
const OUT_OF_SCOPE = /normalize|get-utf8|multiline|session-token|sts-header/;

describe.skipIf(!existsSync(FILE))(
  'the emulator verifies signatures (skipped where the suite of AWS is missing)',
  () => {
    const cases = Object.entries(suite.cases).filter(([name]) => !OUT_OF_SCOPE.test(name));

    it('has cases', () => expect(cases.length).toBeGreaterThan(15));

    it.each(cases)('%s is good, and with one letter changed it is not', (_name, one) => {
      const request = received(one);
      const claim = claimOf(request);
      if (claim === undefined) throw new Error('no claim');
      expect(signatureProblem(request, claim, SECRET)).toBeUndefined();
      expect(signatureProblem(request, claim, `${SECRET}x`)).toBeDefined();
      expect(signatureProblem({ ...request, body: `${request.body} ` }, claim, SECRET)).toBeDefined();
      expect(signatureProblem({ ...request, target: `${request.target}&a=b` }, claim, SECRET)).toBeDefined();
    });
  },
);
