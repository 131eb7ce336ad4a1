import { randomBytes } from 'node:crypto';

/** Who a signature belongs to. */
export interface Session {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
}

interface Credentials {
  readonly secret: string;
  /** Of temporary credentials. */
  readonly token: string | undefined;
  readonly session: Session;
  expiresAtMs: number;
}

/** The access key, and the temporary credentials given for roles. */
export class Sessions {
  readonly accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
  readonly secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  readonly #known = new Map<string, Credentials>();
  readonly #seconds: number;
  readonly #now: () => number;

  constructor(accountId: string, seconds: number, now: () => number) {
    this.#seconds = seconds;
    this.#now = now;
    const session = { accountId, arn: `arn:aws:iam::${accountId}:user/sassy`, userId: 'AIDACKCEVSQ6C2EXAMPLE' };
    this.#known.set(this.accessKeyId, {
      secret: this.secretAccessKey,
      token: undefined,
      session,
      expiresAtMs: Infinity,
    });
  }

  of(accessKeyId: string): Credentials | undefined {
    return this.#known.get(accessKeyId);
  }

  assume(
    role: string,
    accountId: string,
    sessionName: string,
  ): Credentials & { readonly accessKeyId: string; readonly token: string } {
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const made = {
      secret: randomBytes(30).toString('base64'),
      token: `FwoGZXIvYXdzE${randomBytes(150).toString('base64')}`,
      session: {
        accountId,
        arn: `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`,
        userId: `AROA${accountId}:${sessionName}`,
      },
      expiresAtMs: this.#now() + this.#seconds * 1000,
    };
    this.#known.set(accessKeyId, made);
    return { accessKeyId, ...made };
  }

  expireAll(): void {
    for (const credentials of this.#known.values()) {
      if (credentials.token !== undefined) credentials.expiresAtMs = this.#now() - 1000;
    }
  }
}
