import { createHash, randomBytes } from 'node:crypto';
import type { Auth, AuthContext } from '../../model/http.ts';
import { Secret } from '../../util/secret.ts';
import { type Credential, requiredText, type Setting } from './credential-text.ts';
import { needContext } from './need-context.ts';
import { clientRequest, type OAuth2Client } from './oauth2-client.ts';
import { rotatingToken, seedOf, storedToken, type TokenChain } from './rotating-token.ts';
import { type TokenOptions, tokenPolicy } from './token-policy.ts';
import { grant, loginRefused } from './token-request.ts';

export interface OAuth2AuthorizationCode<Config> extends OAuth2Client<Config>, TokenOptions {
  /** Where a person allows the access: `https://example.com/oauth/authorize`. */
  readonly authorizeUrl: Setting<Config>;
  /** None for a public client. */
  readonly clientSecret?: Credential<Config>;
  readonly scopes: readonly string[];
  /** Further query parameters of the authorize URL, e.g. `access_type: 'offline'`. */
  readonly authorizeParameters?: Readonly<Record<string, string>>;
  /** For services that want the redirect URI registered letter by letter. Default: any free port. */
  readonly redirectPort?: number;
  /** Default `/callback`. */
  readonly redirectPath?: string;
  /** What the service calls itself in `iss` (RFC 9207). When given, an answer that names another is refused. */
  readonly issuer?: string;
  /** The file below the connection's `auth/`. Default: `oauth2`. */
  readonly name?: string;
}

/**
 * A login that a person allows once in a browser: `sassy run <integration> login` (RFC 8252, with PKCE, RFC 7636). From
 * then on it goes on by itself as `oauth2Refresh` does.
 */
export function oauth2AuthorizationCode<Config>(options: OAuth2AuthorizationCode<Config>): Auth<Config> {
  const name = options.name ?? 'oauth2';

  function seed(config: Config): string {
    const url = requiredText('token URL', options.tokenUrl, config);
    return seedOf('login', url, requiredText('client id', options.clientId, config));
  }

  return {
    policy(config, given) {
      const context = needContext(given);
      const mend = `log in again: ${context.loginCommand}`;
      let next: ReturnType<typeof rotatingToken> | undefined;
      const chain = (): TokenChain => ({
        name,
        seed: seed(config),
        first: undefined,
        mend,
        request: (refresh) =>
          clientRequest(context, options, config, { grant_type: 'refresh_token', refresh_token: refresh }),
      });
      return tokenPolicy(context, (replaced) => (next ??= rotatingToken(context, chain()))(replaced), mend, options);
    },

    browserLogin: (config, context) => ({
      port: options.redirectPort ?? 0,
      path: options.redirectPath ?? '/callback',
      begin(redirectUri) {
        const verifier = randomBytes(32).toString('base64url');
        const state = randomBytes(32).toString('base64url');
        const url = new URL(context.locate(requiredText('authorize URL', options.authorizeUrl, config)));
        const query = {
          response_type: 'code',
          client_id: requiredText('client id', options.clientId, config),
          redirect_uri: redirectUri,
          ...(options.scopes.length === 0 ? {} : { scope: options.scopes.join(' ') }),
          state,
          code_challenge: createHash('sha256').update(verifier).digest('base64url'),
          code_challenge_method: 'S256',
          ...options.authorizeParameters,
        };
        for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
        return {
          url: url.href,
          state,
          issuer: options.issuer,
          finish: (code) => finish(context, options, config, { name, seed: seed(config), code, verifier, redirectUri }),
        };
      },
    }),
  };
}

interface Exchange {
  readonly name: string;
  readonly seed: string;
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

async function finish<Config>(
  context: AuthContext,
  options: OAuth2AuthorizationCode<Config>,
  config: Config,
  { name, seed, code, verifier, redirectUri }: Exchange,
): Promise<string | undefined> {
  for (const text of [code, verifier]) await context.learnSecret(new Secret(text));
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  const { granted, refused } = await grant(context, await clientRequest(context, options, config, fields));
  if (granted === undefined) throw loginRefused(context, refused, `log in again: ${context.loginCommand}`);
  const token = storedToken(context, seed, granted, { refresh: undefined, generation: 0 });
  await context.exclusively(name, () => context.store.write(name, token));
  if (granted.refresh !== undefined || granted.lifetimeMs === undefined) return undefined;
  return `${context.title} gave no refresh token: this login ends in ${Math.round(granted.lifetimeMs / 60_000)} minutes. Many services want a scope such as offline_access, or a parameter such as access_type=offline, for one.`;
}
