import { createVerify } from 'node:crypto';
import type { GithubEmulatorApp } from './contract.ts';
import { ApiError } from './paging.ts';

export interface Login {
  readonly isInstallation: boolean;
}

/** Who may ask: one personal token, and the installation tokens that an App was given. */
export class Logins {
  readonly #token: string;
  readonly #app: GithubEmulatorApp | undefined;
  /** Installation token → requests that are left to it. */
  readonly #issued = new Map<string, number>();

  constructor(token: string, app: GithubEmulatorApp | undefined) {
    this.#token = token;
    this.#app = app;
  }

  /** Throws 401 for anything that is no login. */
  of(authorization: string | undefined): Login {
    if (authorization === undefined) throw new ApiError(401, 'Requires authentication');
    const [, sent = ''] = /^(?:token|bearer) +(.+)$/i.exec(authorization) ?? [];
    if (sent === this.#token) return { isInstallation: false };
    const left = this.#issued.get(sent) ?? 0;
    if (left <= 0) throw new ApiError(401, 'Bad credentials');
    this.#issued.set(sent, left - 1);
    return { isInstallation: true };
  }

  /** `POST /app/installations/{id}/access_tokens`: the body of the 201. */
  issue(installationId: string, authorization: string | undefined): object {
    const [, jwt = ''] = /^bearer +(.+)$/i.exec(authorization ?? '') ?? [];
    this.#verify(jwt);
    if (installationId !== this.#app?.installationId) throw new ApiError(404, 'Not Found');
    const token = `ghs_emulator${this.#issued.size + 1}`;
    this.#issued.set(token, this.#app.requestsPerToken ?? Number.POSITIVE_INFINITY);
    const expires = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    return {
      token,
      expires_at: expires,
      permissions: { metadata: 'read', vulnerability_alerts: 'read' },
      repository_selection: 'all',
    };
  }

  #verify(jwt: string): void {
    const [header = '', claims = '', signature = ''] = jwt.split('.');
    const verifier = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    if (this.#app === undefined || !verifier.verify(this.#app.publicKey, Buffer.from(signature, 'base64url'))) {
      throw new ApiError(401, 'A JSON web token could not be decoded');
    }
    const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    const now = Date.now() / 1_000;
    if (String(iss) !== this.#app.id)
      throw new ApiError(401, "'Issuer' claim ('iss') must be an Integer or a Client ID");
    if (iat > now)
      throw new ApiError(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued.",
      );
    if (exp - now > 600) throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
    if (exp < now)
      throw new ApiError(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
  }
}
