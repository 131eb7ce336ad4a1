import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { SassyError } from '../../errors/sassy-error.ts';
import { revealingJson } from './credential-text.ts';
import { pemText } from './pem.ts';

export type JwtAlgorithm = 'RS256' | 'ES256' | 'HS256';

export interface JwtOptions {
  readonly algorithm: JwtAlgorithm;
  /** PEM for RS256 and ES256, also on one line; the shared secret for HS256. */
  readonly key: string;
  readonly keyId: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A signed JSON Web Token (RFC 7515). CONFIG_INVALID when the key is none for the algorithm. */
export function signedJwt({ algorithm, key, keyId, claims }: JwtOptions): string {
  const header = { alg: algorithm, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) };
  const content = `${encoded(JSON.stringify(header))}.${encoded(revealingJson(claims))}`;
  return `${content}.${signature(algorithm, key, content).toString('base64url')}`;
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function signature(algorithm: JwtAlgorithm, key: string, content: string): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(content).digest();
  const privateKey = readKey(key, algorithm);
  // Not the DER form: RFC 7518, section 3.4.
  if (algorithm === 'ES256')
    return sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return sign('sha256', Buffer.from(content), privateKey);
}

function readKey(text: string, algorithm: 'RS256' | 'ES256'): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pemText(text));
  } catch {
    throw wrongKey('it is not a private key in PEM form, or it is protected by a passphrase');
  }
  if (algorithm === 'RS256' && key.asymmetricKeyType !== 'rsa') throw wrongKey('RS256 needs an RSA key');
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (algorithm === 'ES256' && curve !== 'prime256v1') throw wrongKey('ES256 needs an EC key on the curve P-256');
  return key;
}

function wrongKey(why: string): SassyError {
  return new SassyError('CONFIG_INVALID', {
    message: 'The private key of this connection cannot be used',
    why,
    fix: 'give the whole key, from -----BEGIN to -----END, on one line with \\n in place of the line breaks',
  });
}
