import type { AuthContext, HttpRequest } from '../../model/http.ts';
import { Secret } from '../../util/secret.ts';
import { optionalText, requiredText, type Setting } from './credential-text.ts';
import { formRequest } from './token-request.ts';

/** How an OAuth client says who it is. `basic`: in a header (RFC 6749, section 2.3.1). `body`: as form fields. */
type ClientStyle = 'basic' | 'body';

/** An OAuth client and the endpoint that gives it tokens. */
export interface OAuth2Client<Config> {
  /** `https://auth.example.com/oauth/token`, or `/oauth/token` for a path below the base URL. */
  readonly tokenUrl: Setting<Config>;
  readonly clientId: Setting<Config>;
  /** Services differ here; their documentation says which. Default: `basic`. */
  readonly style?: ClientStyle;
  /** Further form fields, e.g. `audience` or `resource`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A token request of this client: `fields` are those of the grant. */
export async function clientRequest<Config>(
  context: AuthContext,
  client: OAuth2Client<Config> & { readonly clientSecret?: Setting<Config> | undefined },
  config: Config,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<HttpRequest> {
  const url = context.locate(requiredText('token URL', client.tokenUrl, config));
  const id = requiredText('client id', client.clientId, config);
  const secret = optionalText(client.clientSecret, config);
  const form = { ...fields, ...client.parameters };
  // A client without a secret is a public one: it only names itself.
  if (secret === undefined) return formRequest(url, { ...form, client_id: id });
  if (client.style === 'body') return formRequest(url, { ...form, client_id: id, client_secret: secret });
  const pair = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64');
  await context.learnSecret(new Secret(pair));
  return formRequest(url, form, { authorization: `Basic ${pair}` });
}

/** Both parts are form-encoded before they are joined, so that a colon in one of them stays a part of it. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
