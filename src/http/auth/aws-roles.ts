import { SassyError } from '../../errors/sassy-error.ts';
import type { AuthContext, HttpRequest, HttpResponse } from '../../model/http.ts';
import { isObject } from '../../util/json.ts';
import { pointerReader } from '../../util/json-pointer.ts';
import { Secret } from '../../util/secret.ts';
import { awsErrorCode, awsVerdict } from '../aws-verdict.ts';
import { readableError } from '../error-body.ts';
import { nameOf } from '../refusal.ts';
import { xml } from '../xml-body.ts';
import { formRequest, lifetimeOf, noToken, sendForToken } from './token-request.ts';
import { goodUntil, type LiveToken, type TokenSource, tokenSource } from './token-source.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

export interface AssumedRolesOptions {
  /** `sts.eu-west-1.amazonaws.com` */
  readonly host: string;
  /** Signs a request with the connection's own credentials, as it goes out. */
  readonly sign: (request: HttpRequest) => HttpRequest;
  /** Looks at a refusal; true when the time of the signature may be the reason, and the next one has another. */
  readonly learnTime: (refusal: HttpResponse) => boolean;
  readonly sessionName: string;
  readonly externalId: string | undefined;
  readonly durationSeconds: number;
  readonly ifDenied: 'fail' | 'skip';
}

/** The temporary credentials of roles. In memory alone: nothing of them is ever written to a disk. */
export interface AssumedRoles {
  current(role: string): Promise<AwsCredentials>;
  /** Others than these, which were refused. All who ask at the same time get the same ones. */
  after(role: string, refused: AwsCredentials, answer: HttpResponse): Promise<AwsCredentials>;
}

const PLACE = '/AssumeRoleResponse/AssumeRoleResult/Credentials';
const FORMAT = xml();

/**
 * Gets temporary credentials by STS AssumeRole: once for each role and for all requests that wait for them, again when 90 % of
 * their time are over or when a service refuses them. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function assumedRoles(context: AuthContext, options: AssumedRolesOptions): AssumedRoles {
  const roles = new Map<string, { readonly source: TokenSource; held: AwsCredentials | undefined }>();

  function roleOf(arn: string): { readonly source: TokenSource; readonly held: AwsCredentials | undefined } {
    const known = roles.get(arn);
    if (known !== undefined) return known;
    const obtain = async (): Promise<LiveToken> => {
      const { credentials, goodUntilMs } = await assume(context, options, arn);
      role.held = credentials;
      return { value: credentials.accessKeyId, goodUntilMs };
    };
    const role: { readonly source: TokenSource; held: AwsCredentials | undefined } = {
      source: tokenSource(context.host, obtain),
      held: undefined,
    };
    roles.set(arn, role);
    return role;
  }

  async function holding(arn: string, ready: (source: TokenSource) => Promise<string>): Promise<AwsCredentials> {
    const role = roleOf(arn);
    await ready(role.source);
    if (role.held === undefined) throw new SassyError('INTERNAL', { message: `no credentials of ${arn} are held` });
    return role.held;
  }

  return {
    current: (arn) => holding(arn, (source) => source.current()),
    after: (arn, { accessKeyId }, answer) => holding(arn, (source) => source.after(accessKeyId, answer)),
  };
}

async function assume(
  context: AuthContext,
  options: AssumedRolesOptions,
  role: string,
): Promise<{ readonly credentials: AwsCredentials; readonly goodUntilMs: number }> {
  const { host, sign, learnTime, sessionName, externalId, durationSeconds } = options;
  const fields = {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: sessionName,
    DurationSeconds: String(durationSeconds),
    ExternalId: externalId,
  };
  const request = { ...formRequest(context.locate(`https://${host}/`), fields, { accept: FORMAT.accept }), host };
  // Signed with each attempt: a signature is good for some minutes, and a wait may be longer.
  const signing = { ...context, transport: (unsigned: HttpRequest) => context.transport(sign(unsigned)) };
  const askedMs = context.host.clock.monotonicMs();
  let answer = await sendForToken(signing, request, [notLogin]);
  if (answer.status >= 300 && learnTime(answer)) answer = await sendForToken(signing, request, [notLogin]);
  if (answer.status >= 300) throw refused(context, options, role, request, answer);
  const body = parsed(answer);
  const given = pointerReader(PLACE)(body);
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
    (name) => {
      const value = isObject(given) ? given[name] : undefined;
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
  );
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw noToken(context, request, `${PLACE} is not whole in the answer to AssumeRole`);
  await context.learnSecret(new Secret(secretAccessKey));
  await context.learnSecret(new Secret(sessionToken));
  const shape = { token: '', expiresAt: `${PLACE}/Expiration` };
  const lifetimeMs = lifetimeOf(body, shape, answer) ?? durationSeconds * 1000;
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, goodUntilMs: goodUntil(askedMs, lifetimeMs) };
}

/** A refused login is an answer here, not a reason to send again. */
function notLogin(response: HttpResponse): ReturnType<typeof awsVerdict> {
  const verdict = awsVerdict(response);
  return verdict?.kind === 'retry' ? verdict : undefined;
}

function parsed({ body }: HttpResponse): unknown {
  try {
    return FORMAT.parse(body);
  } catch {
    return undefined;
  }
}

function refused(
  context: AuthContext,
  { ifDenied }: AssumedRolesOptions,
  role: string,
  request: HttpRequest,
  answer: HttpResponse,
): SassyError {
  const why = `${nameOf(request)}: ${answer.status}: ${readableError(answer, context.redact)}`;
  const message = `${context.title} does not let this login assume ${role}`;
  if (awsErrorCode(answer) !== 'AccessDenied') {
    const fix = 'check the access key of this connection: it is what the role is asked for with';
    return new SassyError('LOGIN_REFUSED', { message: `${context.title} refused the login`, why, fix });
  }
  if (ifDenied === 'skip') return new SassyError('SLICE_SKIPPED', { message, why });
  const fix =
    'allow sts:AssumeRole for the login, and the login in the trust policy of the role (with its external id)';
  return new SassyError('PERMISSION_DENIED', { message, why, fix });
}
