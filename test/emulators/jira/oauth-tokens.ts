import { ApiError } from './api-error.ts';
import type { Json } from './contract.ts';

/** The token endpoint of auth.atlassian.com: refresh tokens rotate, and each is good once. */
export class OAuthTokens {
  readonly first = 'emulator-refresh-token-0';
  readonly #accessToken: string;
  #count = 0;

  constructor(accessToken: string) {
    this.#accessToken = accessToken;
  }

  grant(form: ReadonlyMap<string, string>): Json {
    if (form.get('client_id') !== 'client' || form.get('client_secret') !== 'client-secret') {
      throw new ApiError(401, { error: 'access_denied', error_description: 'Unauthorized' });
    }
    const isGood =
      form.get('grant_type') === 'refresh_token' &&
      form.get('refresh_token') === `emulator-refresh-token-${this.#count}`;
    if (!isGood)
      throw new ApiError(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' });
    this.#count += 1;
    return {
      access_token: this.#accessToken,
      refresh_token: `emulator-refresh-token-${this.#count}`,
      expires_in: 3600,
      token_type: 'Bearer',
      scope: 'read:jira-work read:jira-user offline_access',
    };
  }
}
