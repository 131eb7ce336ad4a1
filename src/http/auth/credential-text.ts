import { SassyError } from '../../errors/sassy-error.ts';
import { Secret } from '../../util/secret.ts';

/** A credential taken from the config. Undefined: the connection has none, and requests go without. */
export type Credential<Config> = (config: Config) => Secret | string | undefined;

/** What is no secret: written down by the author, or taken from the config. */
export type Setting<Config> = string | Credential<Config>;

/** What a Secret looks like in a template: such a value was never meant to be sent. */
const MASK = new Secret('').toString();

/** The text of a credential as it is; DEFINITION when it is a template around a masked Secret. */
export function plainText(credential: Secret | string | undefined): string | undefined {
  const value = credential instanceof Secret ? credential.reveal() : credential;
  if (value === undefined || !value.includes(MASK)) return value;
  throw new SassyError('DEFINITION', {
    message: 'The credential of the integration is a text with a masked secret in it',
    why: 'a Secret inside a template becomes its mask',
    fix: "return the Secret itself, and give what stands before it as scheme: headerAuth('Authorization', (config) => config.token, { scheme: 'token' })",
  });
}

/** The text of something the login cannot do without; `what` is its name, for CONFIG_MISSING. */
export function requiredText<Config>(what: string, setting: Setting<Config>, config: Config): string {
  const value = plainText(typeof setting === 'function' ? setting(config) : setting);
  if (value !== undefined && value !== '') return value;
  throw new SassyError('CONFIG_MISSING', {
    message: `This connection has no ${what}`,
    why: `the login needs it, and the config gives ${value === undefined ? 'none' : 'an empty one'}`,
  });
}

/** As `requiredText`, where there may be none. */
export function optionalText<Config>(setting: Setting<Config> | undefined, config: Config): string | undefined {
  const value = plainText(typeof setting === 'function' ? setting(config) : setting);
  return value === '' ? undefined : value;
}

/** JSON with the values of the secrets in it: for the body of a login request, and for nothing that is shown. */
export function revealingJson(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key: string, masked: unknown) {
    // `toJSON` has masked it already; what it was is still in its place.
    const original = this[key];
    return original instanceof Secret ? original.reveal() : masked;
  });
}
