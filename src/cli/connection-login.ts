import { givenBase } from '../http/request-url.ts';
import type { AuthContext, Policy, Send } from '../model/http.ts';
import { connectionAuth } from '../runtime/connection-auth.ts';
import type { Host } from '../util/host.ts';
import { Secret } from '../util/secret.ts';
import { readEnvFiles } from './config/env-files.ts';
import { connectionText } from './config/connection.ts';
import type { Session } from './session.ts';

export interface LoginOptions {
  readonly config: unknown;
  readonly host: Host;
  readonly transport: Send;
  readonly isReplay?: boolean;
  /** Told every token that the login gets. */
  readonly onSecret?: (secret: Secret) => void;
}

/** What the logins of the session's connection work with. */
export async function loginContext(session: Session, options: LoginOptions): Promise<AuthContext> {
  const { environment, manifest, connection, authFolder } = session;
  const { config, host, transport, isReplay = false, onSecret } = options;
  const { redaction, signal } = environment;
  const keys = keysOf(session);
  await redaction.add(Object.values(keys));
  return connectionAuth({
    host,
    title: manifest.title,
    transport,
    redact: redaction.redact,
    async learnSecret(secret) {
      onSecret?.(secret);
      await redaction.add([secret]);
    },
    loginCommand: `sassy run ${connectionText({ integration: manifest.name, connection })} login`,
    signal,
    folder: authFolder,
    baseUrl: manifest.http.baseUrl,
    givenBase: givenBase(config),
    keys,
    isReplay,
  });
}

/** The login that all clients of a session share: made with the first of them, where its errors belong. */
export async function sharedLogin(session: Session, options: LoginOptions): Promise<() => { readonly login?: Policy }> {
  const { auth } = session.manifest.http;
  if (auth === undefined) return () => ({});
  const context = await loginContext(session, options);
  let login: Policy | undefined;
  return () => ({ login: (login ??= auth.policy(options.config, context)) });
}

/** SASSY_KEY and SASSY_KEY_BEFORE: from the environment, else from `.env.local` and `.env`. */
function keysOf({ environment, projectFolder }: Session): { readonly key?: Secret; readonly previousKey?: Secret } {
  const files = readEnvFiles(projectFolder);
  const value = (name: string): string | undefined =>
    environment.variables[name] || files['.env.local'].get(name) || files['.env'].get(name) || undefined;
  const [key, previous] = [value('SASSY_KEY'), value('SASSY_KEY_BEFORE')];
  return {
    ...(key === undefined ? {} : { key: new Secret(key) }),
    ...(previous === undefined ? {} : { previousKey: new Secret(previous) }),
  };
}
