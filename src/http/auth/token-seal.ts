import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { SassyError } from '../../errors/sassy-error.ts';
import type { Secret } from '../../util/secret.ts';

/** A text that only the key opens. All values but `keyId` are base64. */
export const Sealed = z.object({
  /** Tells keys apart without telling anything about them. */
  keyId: z.string(),
  /** Of scrypt; empty when the key is 32 random bytes already. */
  salt: z.string(),
  iv: z.string(),
  tag: z.string(),
  data: z.string(),
});
export type Sealed = z.infer<typeof Sealed>;

export interface TokenSeal {
  /** Undefined without a key. A new IV each time. */
  close(name: string, text: string): Promise<Sealed | undefined>;
  /** LOGIN_REFUSED without the right key, or when anything of it was changed. `path` is for the message. */
  open(name: string, path: string, sealed: Sealed): Promise<string>;
}

/** 32 MiB and about 100 ms for each guess. https://www.rfc-editor.org/rfc/rfc7914 */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/**
 * AES-256-GCM. A key is 32 bytes in base64 (`openssl rand -base64 32`), used as they are; any other text is a passphrase,
 * stretched with scrypt. The login's name is sealed in: a file that was moved to another name does not open.
 */
export function tokenSeal({ key, previousKey }: { readonly key?: Secret; readonly previousKey?: Secret }): TokenSeal {
  const stretched = new Map<string, Promise<Buffer>>();
  const ownSalt = randomBytes(16).toString('base64');

  function bytesOf(secret: Secret, salt: string): Promise<Buffer> {
    const raw = rawKey(secret);
    if (raw !== undefined) return Promise.resolve(raw);
    const text = secret.reveal();
    const known = stretched.get(`${salt} ${text}`) ?? stretch(text, salt);
    stretched.set(`${salt} ${text}`, known);
    return known;
  }

  return {
    async close(name, text) {
      if (key === undefined) return undefined;
      const salt = rawKey(key) === undefined ? ownSalt : '';
      const bytes = await bytesOf(key, salt);
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(sealedIn(name, salt));
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return {
        keyId: keyId(bytes),
        salt,
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        data: data.toString('base64'),
      };
    },

    async open(name, path, sealed) {
      if (key === undefined && previousKey === undefined) {
        throw closed('The stored login is sealed, and SASSY_KEY is not set', path);
      }
      for (const secret of [key, previousKey]) {
        if (secret === undefined) continue;
        const bytes = await bytesOf(secret, sealed.salt);
        if (keyId(bytes) === sealed.keyId) return opened(bytes, name, path, sealed);
      }
      throw closed('The stored login was sealed with another key than SASSY_KEY', path);
    },
  };
}

function opened(bytes: Buffer, name: string, path: string, { salt, iv, tag, data }: Sealed): string {
  try {
    const options = { authTagLength: 16 };
    const decipher = createDecipheriv('aes-256-gcm', bytes, Buffer.from(iv, 'base64'), options)
      .setAAD(sealedIn(name, salt))
      .setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    throw new SassyError('LOGIN_REFUSED', {
      message: 'The stored login was changed after it was sealed',
      why: `${path} does not have the content that sassy wrote`,
      fix: `find out who changed it; then remove ${path} and log in again`,
    });
  }
}

function closed(message: string, path: string): SassyError {
  const fix = `set SASSY_KEY to the key that ${path} was written with, or remove the file and log in again`;
  return new SassyError('LOGIN_REFUSED', { message, why: `${path} cannot be opened`, fix });
}

function rawKey(secret: Secret): Buffer | undefined {
  const text = secret.reveal().trim();
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength === 32 ? bytes : undefined;
}

function stretch(text: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, SCRYPT, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(error);
    });
  });
}

function keyId(bytes: Buffer): string {
  return createHmac('sha256', bytes).update('sassy: which key').digest('hex').slice(0, 16);
}

function sealedIn(name: string, salt: string): Buffer {
  return Buffer.from(`sassy token 1 ${name} ${salt}`);
}
