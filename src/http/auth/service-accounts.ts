import { SassyError } from '../../errors/sassy-error.ts';
import type { Auth } from '../../model/http.ts';
import { isObject } from '../../util/json.ts';
import { Secret } from '../../util/secret.ts';
import { type Credential, requiredText, type Setting } from './credential-text.ts';
import { jwtAssertion } from './jwt-assertion.ts';

export interface GoogleServiceAccount<Config> {
  /** The whole JSON key file, on one line. */
  readonly key: Credential<Config>;
  readonly scopes: readonly string[];
  /** The user to act for, where the account has domain-wide delegation. */
  readonly subject?: Credential<Config>;
}

/**
 * A service account of Google: its key signs an assertion, which its `token_uri` exchanges for a token of an hour.
 * https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 */
export function googleServiceAccount<Config>(options: GoogleServiceAccount<Config>): Auth<Config> {
  const field = (name: string) => (config: Config) => keyFile(options.key, config)[name];
  return jwtAssertion<Config>({
    key: (config) => new Secret(field('private_key')(config) ?? ''),
    keyId: field('private_key_id'),
    lifetimeSeconds: 3600,
    claims: (config) => {
      const subject = options.subject?.(config);
      const scope = options.scopes.join(' ');
      return { iss: field('client_email')(config), scope, ...(subject === undefined ? {} : { sub: subject }) };
    },
    exchange: { as: 'assertion', url: (config) => field('token_uri')(config) ?? 'https://oauth2.googleapis.com/token' },
  });
}

export interface GitHubApp<Config> {
  /** The App's client id or its number. */
  readonly appId: Setting<Config>;
  /** PEM, also on one line. */
  readonly privateKey: Credential<Config>;
  readonly installationId: Setting<Config>;
  /** Default `https://api.github.com`. */
  readonly apiUrl?: string;
}

/**
 * A GitHub App: its key signs a JWT of at most ten minutes, which is exchanged for a token of one installation, good for
 * an hour. https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
 */
export function githubApp<Config>(options: GitHubApp<Config>): Auth<Config> {
  const { apiUrl = 'https://api.github.com' } = options;
  return jwtAssertion<Config>({
    key: options.privateKey,
    claims: (config) => ({ iss: requiredText('App id', options.appId, config) }),
    exchange: {
      as: 'bearer',
      url: (config) => {
        const installation = requiredText('installation id', options.installationId, config);
        return `${apiUrl}/app/installations/${encodeURIComponent(installation)}/access_tokens`;
      },
    },
  });
}

function keyFile<Config>(key: Credential<Config>, config: Config): Readonly<Record<string, string | undefined>> {
  let file: unknown;
  try {
    file = JSON.parse(requiredText('key file', key, config));
  } catch (error) {
    // The parser quotes what it read.
    if (error instanceof SassyError) throw error;
  }
  if (isObject(file) && typeof file['private_key'] === 'string') {
    return Object.fromEntries(
      Object.entries(file).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
    );
  }
  throw new SassyError('CONFIG_INVALID', {
    message: 'The service account key of this connection cannot be used',
    why: 'it is not the JSON of a key file with a private_key',
    fix: 'give the whole file on one line, in single quotes: jq -c . key.json prints it so',
  });
}
