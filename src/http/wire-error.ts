import { codeOf } from '../errors/error-code.ts';
import { isSassyError, SassyError } from '../errors/sassy-error.ts';
import { refusedAddress } from './guarded-lookup.ts';
import { NetworkError } from './network-error.ts';

/** In words, where Node's own are short of them. */
const MEANING: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'the connection was closed by the other side'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['CERT_HAS_EXPIRED', 'the certificate of the server has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is signed by the server itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate is signed by an authority that Node does not know'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate is signed by an authority that Node does not know'],
]);

/** got's and Node's words for a body that ended early. */
const CUT = new Set(['ERR_HTTP_CONTENT_LENGTH_MISMATCH', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Codes of the system, the HTTP parser and TLS: all else is a mistake in the request, which no retry mends. */
const OF_THE_NETWORK = /^(E(?!RR_)|HPE_|ERR_SSL_|ERR_TLS_|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/;

/** got's and Node's errors say what happened in code and message; all else they carry stays behind. */
export function withoutRequest(error: unknown, maxHeaderBytes: number): Error {
  if (isSassyError(error) || error instanceof NetworkError) return error;
  const refused = refusedAddress(error);
  if (refused !== undefined) return refused;
  const code = codeOf(error) ?? '';
  if (code === 'HPE_HEADER_OVERFLOW') return tooManyHeaders(maxHeaderBytes);
  const message = error instanceof Error ? error.message : String(error);
  if (CUT.has(code)) return new NetworkError('TRUNCATED_BODY', `the body ended early (${message})`);
  if (!OF_THE_NETWORK.test(code)) return new Error(message);
  const meaning = MEANING.get(code);
  return new NetworkError(code, meaning === undefined ? `${message} (${code})` : `${meaning} (${code})`);
}

function tooManyHeaders(maxHeaderBytes: number): SassyError {
  return new SassyError('API_WRONG_ANSWER', {
    message: 'The API sent more headers than any answer needs',
    why: `they are more than ${maxHeaderBytes / 1024} KiB`,
  });
}
