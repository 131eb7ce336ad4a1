import { bearerAuth } from 'sassy';
import type { Auth } from 'sassy';
import type { Config } from './schema.ts';

const byToken = bearerAuth((config: Config) => config.token);

/** Also says which version of the API is wanted: that depends on the config, as the login does. */
export const login: Auth<Config> = {
  policy(config, context) {
    const loggedIn = byToken.policy(config, context);
    return (next) =>
      loggedIn((request) =>
        next({ ...request, headers: { ...request.headers, 'x-github-api-version': config.apiVersion } }),
      );
  },
};
