import { bearerAuth, chooseAuth, githubApp, SassyError } from 'sassy';
import type { Auth } from 'sassy';
import type { Config } from './schema.ts';

const byToken = bearerAuth((config: Config) => config.token);

const byApp = githubApp<Config>({
  appId: (config) => config.appId,
  installationId: (config) => config.installationId,
  privateKey: (config) => config.privateKey,
});

/** GitHub answers strangers as well, with what is public and 60 requests an hour: a forgotten token must not pass for a small account. */
const byNothing: Auth<Config> = {
  policy: (_config, context) => (next) => (request) => {
    if (context?.isReplay === true) return next(request);
    throw new SassyError('CONFIG_MISSING', {
      message: 'This connection has no token, and no GitHub App',
      fix: 'put SASSY_GITHUB__TOKEN=… into .env, or SASSY_GITHUB__APP_ID, __INSTALLATION_ID and __PRIVATE_KEY',
    });
  },
};

const credentials = chooseAuth<Config>(({ installationId, token }) =>
  installationId !== undefined ? byApp : token !== undefined ? byToken : byNothing,
);

/** Also says which version of the API is wanted: that depends on the config, as the login does. */
export const login: Auth<Config> = {
  policy(config, context) {
    const loggedIn = credentials.policy(config, context);
    return (next) =>
      loggedIn((request) =>
        next({ ...request, headers: { ...request.headers, 'x-github-api-version': config.apiVersion } }),
      );
  },
};
