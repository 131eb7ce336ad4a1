import type { Auth, AuthContext } from '../../model/http.ts';
import { Secret } from '../../util/secret.ts';
import { type Credential, optionalText, requiredText, type Setting } from './credential-text.ts';
import { type JwtAlgorithm, signedJwt } from './jwt.ts';
import { needContext } from './need-context.ts';
import { pemSecrets, pemText } from './pem.ts';
import { type ServerClock, serverClock } from './server-clock.ts';
import { type TokenOptions, tokenPolicy } from './token-policy.ts';
import { type AnswerShape, formRequest, grant, loginRefused, OAUTH_ANSWER } from './token-request.ts';
import { goodUntil, type LiveToken, type Replaced } from './token-source.ts';

export interface JwtAssertion<Config> extends TokenOptions {
  /** The private key in PEM form, also on one line (see `pemText`), or the shared secret of HS256. */
  readonly key: Credential<Config>;
  /** Default RS256. */
  readonly algorithm?: JwtAlgorithm;
  /** `kid` in the header. */
  readonly keyId?: Setting<Config>;
  /** `iat` and `exp` are added, and `aud` where an assertion is exchanged and none is given. Secrets are sent as they are. */
  readonly claims: (config: Config) => Readonly<Record<string, unknown>>;
  /** Default 600: no service takes less. */
  readonly lifetimeSeconds?: number;
  /** What the JWT is exchanged for. Without it the JWT itself is the token. */
  readonly exchange?: JwtExchange<Config>;
}

interface JwtExchange<Config> {
  /**
   * `assertion`: a form with the grant type jwt-bearer (RFC 7523), as Google has it. `bearer`: an empty POST with the
   * JWT in its Authorization header, as GitHub has it for the token of an App's installation.
   */
  readonly as: 'assertion' | 'bearer';
  readonly url: Setting<Config>;
  /** Further form fields of an assertion. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Where the token and its end lie in the answer. Default: those of OAuth; of GitHub for `bearer`. */
  readonly answer?: AnswerShape;
}

const GITHUB_ANSWER: AnswerShape = { token: '/token', expiresAt: '/expires_at' };

/** Issued a minute ago: a clock that is a little ahead is the usual reason why a JWT is refused. */
const BACKDATE_SECONDS = 60;

const MEND = 'check the private key of this connection and whom it was made for';

/**
 * A login by a signed JWT: service accounts, GitHub Apps. When a JWT is refused and the service's clock shows another
 * time than ours, it is signed again with the service's time, once.
 */
export function jwtAssertion<Config>(options: JwtAssertion<Config>): Auth<Config> {
  return {
    policy(config, given) {
      const context = needContext(given);
      const clock = serverClock(context.host.clock);
      const { exchange } = options;
      const obtain = async ({ answer }: Replaced): Promise<LiveToken> => {
        if (exchange !== undefined) return exchanged(context, options, exchange, config, clock);
        if (answer !== undefined) clock.learn(answer);
        const madeMs = context.host.clock.monotonicMs();
        const value = await jwt(context, options, config, clock);
        return { value, goodUntilMs: goodUntil(madeMs, (lifetimeOf(options) - BACKDATE_SECONDS) * 1000) };
      };
      return tokenPolicy(context, obtain, MEND, options);
    },
  };
}

function lifetimeOf<Config>({ lifetimeSeconds = 600 }: JwtAssertion<Config>): number {
  return lifetimeSeconds;
}

async function jwt<Config>(
  context: AuthContext,
  options: JwtAssertion<Config>,
  config: Config,
  clock: ServerClock,
): Promise<string> {
  const { algorithm = 'RS256', exchange } = options;
  const key = requiredText('key', options.key, config);
  const hidden = algorithm === 'HS256' ? [key] : pemSecrets(pemText(key));
  for (const text of hidden) await context.learnSecret(new Secret(text));
  const issuedAt = Math.floor(clock.nowMs() / 1000) - BACKDATE_SECONDS;
  // The audience is what the service calls itself, wherever our requests really go.
  const audience = exchange?.as === 'assertion' ? { aud: requiredText('token URL', exchange.url, config) } : {};
  const token = signedJwt({
    algorithm,
    key,
    keyId: optionalText(options.keyId, config),
    claims: { ...audience, iat: issuedAt, exp: issuedAt + lifetimeOf(options), ...options.claims(config) },
  });
  await context.learnSecret(new Secret(token));
  return token;
}

async function exchanged<Config>(
  context: AuthContext,
  options: JwtAssertion<Config>,
  exchange: JwtExchange<Config>,
  config: Config,
  clock: ServerClock,
): Promise<LiveToken> {
  const shape = exchange.answer ?? (exchange.as === 'bearer' ? GITHUB_ANSWER : OAUTH_ANSWER);
  const url = context.locate(requiredText('token URL', exchange.url, config));
  for (let attempt = 1; ; attempt += 1) {
    const assertion = await jwt(context, options, config, clock);
    const request =
      exchange.as === 'bearer'
        ? { method: 'POST', url, headers: { accept: 'application/json', authorization: `Bearer ${assertion}` } }
        : formRequest(url, {
            grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
            assertion,
            ...exchange.parameters,
          });
    const { granted, refused } = await grant(context, request, shape);
    if (granted !== undefined) return granted;
    if (attempt > 1 || !clock.learn(refused.answer)) throw loginRefused(context, refused, MEND);
  }
}
