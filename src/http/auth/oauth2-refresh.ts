import type { Auth } from '../../model/http.ts';
import { type Credential, requiredText } from './credential-text.ts';
import { needContext } from './need-context.ts';
import { clientRequest, type OAuth2Client } from './oauth2-client.ts';
import { rotatingToken, seedOf, type TokenChain } from './rotating-token.ts';
import { type TokenOptions, tokenPolicy } from './token-policy.ts';

export interface OAuth2Refresh<Config> extends OAuth2Client<Config>, TokenOptions {
  /** None for a public client. */
  readonly clientSecret?: Credential<Config>;
  /** Where the chain begins. Once it is spent, its successors in the store go on; a new value begins a new chain. */
  readonly refreshToken: Credential<Config>;
  readonly scope?: string;
  /** The file below the connection's `auth/`. Needed only where one integration has several logins. Default: `oauth2`. */
  readonly name?: string;
}

/**
 * A login that goes on from a refresh token (RFC 6749, section 6). Where the service sends a new refresh token with each
 * access token, the new one is stored, synced to the disk, before the access token is used; 20 requests that meet an
 * expired token, in any number of processes, lead to one refresh.
 */
export function oauth2Refresh<Config>(options: OAuth2Refresh<Config>): Auth<Config> {
  return {
    policy(config, given) {
      const context = needContext(given);
      const mend = `set a new refresh token in the environment or in .env; this says where: ${context.loginCommand}`;
      let next: ReturnType<typeof rotatingToken> | undefined;
      const chain = (): TokenChain => {
        const first = requiredText('refresh token', options.refreshToken, config);
        const url = requiredText('token URL', options.tokenUrl, config);
        return {
          name: options.name ?? 'oauth2',
          seed: seedOf('refresh', url, requiredText('client id', options.clientId, config), first),
          first,
          mend,
          request: (refresh) =>
            clientRequest(context, options, config, {
              grant_type: 'refresh_token',
              refresh_token: refresh,
              scope: options.scope,
            }),
        };
      };
      return tokenPolicy(context, (replaced) => (next ??= rotatingToken(context, chain()))(replaced), mend, options);
    },
  };
}
