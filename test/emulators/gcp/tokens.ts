import { generateKeyPairSync, verify } from 'node:crypto';

const AUDIENCE = 'https://oauth2.googleapis.com/token';
const ACCOUNT = 'sassy@team-0-app.iam.gserviceaccount.com';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export interface TokenAnswer {
  readonly status: number;
  readonly body: object;
}

/** The token endpoint: RS256 assertions of one service account against tokens that end. */
export class Tokens {
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #seconds: number;
  #given = new Set<string>();
  #count = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** A key file as the console gives it. */
  get keyFile(): string {
    return JSON.stringify({
      type: 'service_account',
      project_id: 'team-0-app',
      private_key_id: '0123456789abcdef',
      private_key: this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: ACCOUNT,
      client_id: '100000000000000000000',
      auth_uri: 'https://accounts.google.com/o/oauth2/auth',
      token_uri: AUDIENCE,
    });
  }

  /** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
  grant(form: string): TokenAnswer {
    const fields = new URLSearchParams(form);
    if (fields.get('grant_type') !== GRANT) return refused('unsupported_grant_type', 'Invalid grant_type');
    const [header = '', payload = '', signature = ''] = (fields.get('assertion') ?? '').split('.');
    const claims = claimsIn(payload);
    if (claims === undefined) return refused('invalid_grant', 'Bad Request');
    if (claims['iss'] !== ACCOUNT) return refused('invalid_grant', 'Invalid grant: account not found');
    const isSigned = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      this.#keys.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) return refused('invalid_grant', 'Invalid JWT Signature.');
    const now = Date.now() / 1000;
    const [issued, expires] = [Number(claims['iat']), Number(claims['exp'])];
    if (!(issued < now + 60 && expires > now && expires - issued <= 3600)) {
      return refused(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      );
    }
    if (claims['aud'] !== AUDIENCE) return refused('invalid_grant', 'Invalid JWT: Failed audience check.');
    if (typeof claims['scope'] !== 'string') return refused('invalid_scope', 'Empty or missing scope not allowed.');
    this.#count += 1;
    const token = `ya29.emulated-${this.#count}-${'x'.repeat(40)}`;
    this.#given.add(token);
    return { status: 200, body: { access_token: token, expires_in: this.#seconds, token_type: 'Bearer' } };
  }

  isGood(authorization: string | undefined): boolean {
    return this.#given.has(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '');
  }

  expireAll(): void {
    this.#given = new Set();
  }
}

function refused(error: string, error_description: string): TokenAnswer {
  return { status: 400, body: { error, error_description } };
}

function claimsIn(payload: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : undefined;
  } catch {
    return undefined;
  }
}
