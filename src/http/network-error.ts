import { codeOf } from '../errors/error-code.ts';

/** Node's and our own codes of trouble on the way that may be gone the next time. */
const PASSING = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EPROTO',
  'TRUNCATED_BODY',
  'TOO_SLOW',
]);

/** Certificates that cannot be trusted: sending again shows the same one. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/;

/**
 * There was no whole response. Made by the transport in place of the library's own error, which carries the request's
 * options and with them the credentials.
 */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: string;

  /** `code`: Node's, or `TRUNCATED_BODY`. `message`: in words, without any credential. */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** `passing`: send again. `lasting`: the network refused and will again. undefined: not an error of the network. */
export function networkTrouble(error: unknown): 'passing' | 'lasting' | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (CERTIFICATE.test(code)) return 'lasting';
  // HPE_…: the HTTP parser; ERR_SSL_…: the TLS handshake.
  if (PASSING.has(code) || code.startsWith('HPE_') || code.startsWith('ERR_SSL_')) return 'passing';
  return error instanceof NetworkError ? 'passing' : undefined;
}
