import { dirname, join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../errors/error-code.ts';
import { SassyError } from '../../errors/sassy-error.ts';
import type { StoredToken, TokenStore } from '../../model/http.ts';
import type { Host } from '../../util/host.ts';
import type { Secret } from '../../util/secret.ts';
import { Sealed, tokenSeal } from './token-seal.ts';

const Token = z.object({
  seed: z.string(),
  access: z.string(),
  refresh: z.string().optional(),
  obtainedAt: z.string(),
  lifetimeMs: z.number().optional(),
  generation: z.number(),
});

const TokenFile = z.union([
  z.object({ version: z.literal(1), sealed: Sealed }),
  z.object({ version: z.literal(1), token: Token }),
]);

export interface TokenStoreOptions {
  /** Seals what is written: `SASSY_KEY`. */
  readonly key?: Secret;
  /** Opens what `key` does not: the key before it. What is written next is sealed with `key`. */
  readonly previousKey?: Secret;
}

/**
 * Logins as files `<name>.json` in `folder`: readable by this user alone, replaced by rename after a sync, so that a
 * crash leaves the old login or the new one. With a key the login is sealed (AES-256-GCM). A file without a seal is read
 * with a key too, and sealed when it is written next.
 */
export function tokenStore(host: Host, folder: string, keys: TokenStoreOptions | Secret = {}): TokenStore {
  const { fs } = host;
  const seal = tokenSeal('reveal' in keys ? { key: keys } : keys);
  const pathOf = (name: string): string => {
    if (/^[a-z0-9][a-z0-9_-]*$/.test(name)) return join(folder, `${name}.json`);
    throw new SassyError('DEFINITION', {
      message: `${JSON.stringify(name)} cannot be the name of a login`,
      fix: 'use a-z, 0-9, - and _',
    });
  };

  return {
    async read(name) {
      const path = pathOf(name);
      let text: string;
      try {
        text = (await fs.readFile(path)).toString('utf8');
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return undefined;
        throw unusable(path, 'read', error);
      }
      const file = parsed(TokenFile, text);
      if (file === undefined) throw damaged(path);
      if ('token' in file) return whole(file.token);
      const token = parsed(Token, await seal.open(name, path, file.sealed));
      if (token === undefined) throw damaged(path);
      return whole(token);
    },

    async write(name, token) {
      const path = pathOf(name);
      const sealed = await seal.close(name, JSON.stringify(token));
      const content = sealed === undefined ? { version: 1, token } : { version: 1, sealed };
      try {
        await fs.mkdir(folder);
        await replace(host, path, Buffer.from(`${JSON.stringify(content)}\n`));
      } catch (error) {
        throw unusable(path, 'write', error);
      }
    },
  };
}

async function replace(host: Host, path: string, bytes: Buffer): Promise<void> {
  const { fs } = host;
  const folder = dirname(path);
  const prefix = `${path}.tmp-`;
  // What a killed process left holds a login too. No other process writes this login now.
  for (const name of await fs.list(folder)) {
    const left = join(folder, name);
    if (left.startsWith(prefix)) await fs.unlink(left);
  }
  const temp = `${prefix}${Math.floor(host.random() * 36 ** 8).toString(36)}`;
  try {
    await fs.writeNew(temp, [bytes]);
    await fs.rename(temp, path);
  } catch (error) {
    await fs.unlink(temp).catch(() => undefined);
    throw error;
  }
  await fs.syncFolder(folder);
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function whole(token: z.infer<typeof Token>): StoredToken {
  return { ...token, refresh: token.refresh, lifetimeMs: token.lifetimeMs };
}

function damaged(path: string): SassyError {
  return new SassyError('LOGIN_REFUSED', {
    message: 'The stored login cannot be read',
    why: `${path} is not what sassy wrote`,
    fix: `remove ${path} and log in again`,
  });
}

function unusable(path: string, doing: 'read' | 'write', cause: unknown): SassyError {
  const isFull = hasCode(cause, 'ENOSPC', 'EDQUOT');
  return new SassyError(isFull ? 'DISK_FULL' : 'DATA_DIR', {
    message: `cannot ${doing} ${path}`,
    why: cause instanceof Error ? cause.message : String(cause),
    ...(doing === 'write'
      ? { state: 'all committed data is safe; the login may be spent: if the next run says so, log in again' }
      : {}),
    cause,
  });
}
