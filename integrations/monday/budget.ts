import { headerAuth } from 'sassy';
import type { Auth, HttpResponse } from 'sassy';
import type { Config } from './schema.ts';

const login = headerAuth('Authorization', (config: Config) => config.token);

/**
 * The bare token, without Bearer (https://developer.monday.com/api-reference/docs/authentication). On the way back the
 * complexity that is left, which every query asks for, is put where the framework looks for limits: when it does not pay
 * for another query like this one, everybody waits for the reset.
 */
export const mondayAuth: Auth<Config> = {
  policy(config, context) {
    const policy = login.policy(config, context);
    return (next) => {
      const send = policy(next);
      return async (request) => withBudget(await send(request));
    };
  },
};

function withBudget(response: HttpResponse): HttpResponse {
  // It is the first field of every query, so it stands at the very beginning of the answer.
  const found = /"complexity"\s*:\s*(\{[^{}]*\})/.exec(response.body.toString('utf8', 0, 1000))?.[1];
  if (found === undefined) return response;
  const { after, query, reset_in_x_seconds: reset } = numbersIn(found);
  if (after === undefined || query === undefined || reset === undefined || after >= query || reset <= 0)
    return response;
  const told = [response.headers['ratelimit'], `"complexity";r=0;t=${reset}`].filter((part) => part !== undefined);
  return { ...response, headers: { ...response.headers, ratelimit: told.join(', ') } };
}

function numbersIn(text: string): Readonly<Record<string, number>> {
  const pairs = [...text.matchAll(/"(\w+)"\s*:\s*(\d+)/g)].map(([, name = '', digits]) => [name, Number(digits)]);
  return Object.fromEntries(pairs);
}
