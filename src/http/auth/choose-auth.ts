import type { Auth } from '../../model/http.ts';

/**
 * A login chosen by the config, for services with several: `chooseAuth((config) => config.token ? byToken : byApp)`.
 */
export function chooseAuth<Config>(choose: (config: Config) => Auth<Config>): Auth<Config> {
  return {
    policy: (config, context) => choose(config).policy(config, context),
    browserLogin: (config, context) => choose(config).browserLogin?.(config, context),
  };
}
