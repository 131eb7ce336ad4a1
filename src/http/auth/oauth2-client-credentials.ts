import type { Auth } from '../../model/http.ts';
import { needContext } from './need-context.ts';
import type { Credential } from './credential-text.ts';
import { clientRequest, type OAuth2Client } from './oauth2-client.ts';
import { type TokenOptions, tokenPolicy } from './token-policy.ts';
import { grant, loginRefused } from './token-request.ts';

export interface OAuth2ClientCredentials<Config> extends OAuth2Client<Config>, TokenOptions {
  readonly clientSecret: Credential<Config>;
  /** With spaces between. */
  readonly scope?: string;
}

const MEND = 'check the client id and the client secret of this connection, and what the client may do';

/**
 * A login for a machine (RFC 6749, section 4.4): client id and secret are exchanged for a token, which is kept in memory
 * and replaced when 90 % of its lifetime are over, or when the service refuses it.
 */
export function oauth2ClientCredentials<Config>(options: OAuth2ClientCredentials<Config>): Auth<Config> {
  return {
    policy(config, given) {
      const context = needContext(given);
      const obtain = async () => {
        const fields = { grant_type: 'client_credentials', scope: options.scope };
        const { granted, refused } = await grant(context, await clientRequest(context, options, config, fields));
        if (granted === undefined) throw loginRefused(context, refused, MEND);
        return granted;
      };
      return tokenPolicy(context, obtain, MEND, options);
    },
  };
}
