const ALONE = new Set([
  'accesskey',
  'accesstoken',
  'apikey',
  'apitoken',
  'authkey',
  'authorization',
  'authtoken',
  'bearertoken',
  'clientsecret',
  'cookie',
  'credential',
  'credentials',
  'idtoken',
  'jwt',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'pwd',
  'refreshtoken',
  'secret',
  'secretkey',
  'sessionid',
  'sessiontoken',
  'token',
  'webhooksecret',
]);
const BEFORE_KEY = new Set([
  'access',
  'account',
  'api',
  'auth',
  'encryption',
  'private',
  'secret',
  'shared',
  'signing',
]);
/** A token that only says where to go on reading is no secret, and replacing it would break the replay of paging. */
const PAGING = new Set([
  'after',
  'before',
  'continuation',
  'continue',
  'cursor',
  'delta',
  'marker',
  'next',
  'page',
  'pages',
  'paging',
  'pagination',
  'prev',
  'previous',
  'resume',
  'scroll',
  'skip',
  'start',
  'starting',
  'sync',
]);

/**
 * True when a field, query parameter or element of this name holds a credential: `client_secret`, `apiKey`, `X-Auth-Token`.
 * Only what a name ends in counts (`token_type` and `password_changed_at` hold none), and page tokens are none.
 */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1);
  if (last === undefined) return false;
  const before = words.slice(0, -1);
  if (before.some((word) => PAGING.has(word))) return false;
  if (ALONE.has(last)) return true;
  const previous = before.at(-1) ?? '';
  return (last === 'key' && BEFORE_KEY.has(previous)) || (last === 'id' && previous === 'session');
}

const WORDS = new Set([
  'basic',
  'bearer',
  'disabled',
  'enabled',
  'false',
  'hidden',
  'none',
  'null',
  'optional',
  'redacted',
  'required',
  'string',
  'true',
]);

/** True for what stands in a secret's place without being one: empty, a mask, a word such as `enabled`, a placeholder of ours. */
export function isNoSecretValue(value: string): boolean {
  return (
    value.length < 2 || WORDS.has(value.toLowerCase()) || /^[*•.xX-]+$/.test(value) || /^<secret(:\d+)?>$/.test(value)
  );
}
