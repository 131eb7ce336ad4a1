import { SassyError } from '../errors/sassy-error.ts';
import type { TransportOptions } from '../http/transport.ts';
import type { HostFs } from '../util/host.ts';

/**
 * What the environment says about the way to the network: proxies, and authorities of certificates to trust besides
 * Node's (SASSY_CA_FILE; Node reads NODE_EXTRA_CA_CERTS itself). CONFIG_INVALID when the file cannot be used, and when
 * the checking of certificates is switched off: that hands the credentials to whoever sits in between.
 */
export async function networkSettings(
  variables: Readonly<Record<string, string | undefined>>,
  fs: Pick<HostFs, 'readFile'>,
): Promise<Pick<TransportOptions, 'proxyVariables' | 'extraCa'>> {
  if (variables['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new SassyError('CONFIG_INVALID', {
      message: 'NODE_TLS_REJECT_UNAUTHORIZED=0 switches the checking of certificates off, and sassy does not run so',
      why: 'the credentials of the connection would go to whoever answers',
      fix: "unset it, and name the certificate of your proxy's or server's authority: SASSY_CA_FILE=/path/to/ca.pem",
    });
  }
  const file = variables['SASSY_CA_FILE'];
  if (file === undefined || file === '') return { proxyVariables: variables };
  return { proxyVariables: variables, extraCa: await certificates(file, fs) };
}

async function certificates(file: string, fs: Pick<HostFs, 'readFile'>): Promise<string> {
  let text: string;
  try {
    text = (await fs.readFile(file)).toString('utf8');
  } catch (error) {
    throw unusable(file, error instanceof Error ? error.message : String(error));
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw unusable(file, 'there is no certificate in PEM in it');
  return text;
}

function unusable(file: string, why: string): SassyError {
  return new SassyError('CONFIG_INVALID', {
    message: `SASSY_CA_FILE cannot be used: ${file}`,
    why,
    fix: 'name a file with one or more certificates in PEM',
  });
}
