import { ApiError } from './api-error.ts';
import type { Session, Sessions } from './sessions.ts';
import type { World } from './world.ts';
import { element, type Node } from './xml.ts';

export interface QueryCall {
  readonly service: string;
  readonly form: URLSearchParams;
  /** Whose signature it is. */
  readonly session: Session;
  readonly world: World;
  readonly sessions: Sessions;
  readonly externalId: string | undefined;
  readonly mostPerPage: number;
  isDenied(accountId: string, action: string): boolean;
}

const VERSIONS: Readonly<Record<string, string>> = { iam: '2010-05-08', sts: '2011-06-15' };

/** IAM and STS: https://docs.aws.amazon.com/IAM/latest/APIReference/ and https://docs.aws.amazon.com/STS/latest/APIReference/ */
export function answerQuery(call: QueryCall): string {
  const { service, form, session } = call;
  const action = form.get('Action') ?? '';
  if (form.get('Version') !== VERSIONS[service])
    throw invalid('InvalidAction', `Could not find operation ${action} for version ${form.get('Version')}`);
  if (call.isDenied(session.accountId, `${service}:${action}`)) throw denied(session, `${service}:${action}`);
  if (service === 'sts' && action === 'GetCallerIdentity') {
    const { arn, userId, accountId } = session;
    return result('sts', action, { Arn: arn, UserId: userId, Account: accountId });
  }
  if (service === 'sts' && action === 'AssumeRole') return assumeRole(call);
  if (service === 'iam' && action === 'ListUsers') {
    const users = call.world.users.filter(({ accountId }) => accountId === session.accountId);
    return list(call, 'Users', users, (user) => ({
      Path: pathOf(user.arn),
      UserName: user.name,
      Arn: user.arn,
      UserId: user.id,
      CreateDate: user.createdAt,
      PasswordLastUsed: user.passwordLastUsed,
    }));
  }
  if (service === 'iam' && action === 'ListRoles') {
    const roles = call.world.roles.filter(({ accountId }) => accountId === session.accountId);
    return list(call, 'Roles', roles, (role) => ({
      Path: pathOf(role.arn),
      AssumeRolePolicyDocument: encodeURIComponent(role.trust),
      MaxSessionDuration: '3600',
      RoleId: role.id,
      RoleName: role.name,
      Description: role.description,
      Arn: role.arn,
      CreateDate: role.createdAt,
    }));
  }
  throw invalid('InvalidAction', `Could not find operation ${action}`);
}

/** Neither list gives tags; a page may be shorter than asked for. */
function list<T>(call: QueryCall, name: string, items: readonly T[], toNode: (item: T) => Node): string {
  const { form } = call;
  const asked = Number(form.get('MaxItems') ?? 100);
  if (!(asked >= 1 && asked <= 1000))
    throw invalid('ValidationError', `Value '${asked}' at 'maxItems' failed to satisfy constraint`);
  const marker = form.get('Marker');
  const start =
    marker === null ? 0 : Number(/^AAAA(\d+)$/.exec(Buffer.from(marker, 'base64').toString('utf8'))?.[1] ?? -1);
  if (start < 0) throw invalid('ValidationError', 'Invalid Marker');
  const end = start + Math.min(asked, call.mostPerPage);
  const isTruncated = end < items.length;
  const action = form.get('Action') ?? '';
  return result('iam', action, {
    IsTruncated: String(isTruncated),
    [name]: { member: items.slice(start, end).map(toNode) },
    ...(isTruncated ? { Marker: Buffer.from(`AAAA${end}`).toString('base64') } : {}),
  });
}

function assumeRole(call: QueryCall): string {
  const { form, world, session, sessions, externalId } = call;
  const arn = form.get('RoleArn') ?? '';
  const account = world.accounts.find(({ role }) => role === arn);
  const isTrusted = externalId === undefined || form.get('ExternalId') === externalId;
  if (account === undefined || !isTrusted || call.isDenied(account.id, 'sts:AssumeRole')) {
    throw new ApiError(
      403,
      'AccessDenied',
      `User: ${session.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    );
  }
  const seconds = Number(form.get('DurationSeconds') ?? 3600);
  if (!(seconds >= 900 && seconds <= 3600))
    throw invalid('ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration');
  const made = sessions.assume(arn, account.id, form.get('RoleSessionName') ?? '');
  return result('sts', 'AssumeRole', {
    AssumedRoleUser: { AssumedRoleId: made.session.userId, Arn: made.session.arn },
    Credentials: {
      AccessKeyId: made.accessKeyId,
      SecretAccessKey: made.secret,
      SessionToken: made.token,
      Expiration: new Date(made.expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
  });
}

function result(service: 'iam' | 'sts', action: string, content: Node): string {
  const host = service === 'iam' ? 'iam.amazonaws.com' : 'sts.amazonaws.com';
  return element(`${action}Response`, {
    '@xmlns': `https://${host}/doc/${VERSIONS[service]}/`,
    [`${action}Result`]: content,
    ResponseMetadata: { RequestId: '7a62c49f-347e-4fc4-9331-6e8eEXAMPLE' },
  });
}

/** `arn:aws:iam::1:user/division_abc/ada` → `/division_abc/` */
function pathOf(arn: string): string {
  return /:(?:user|role)(\/.*\/|\/)[^/]+$/.exec(arn)?.[1] ?? '/';
}

function invalid(code: string, message: string): ApiError {
  return new ApiError(400, code, message);
}

function denied({ arn }: Session, action: string): ApiError {
  return new ApiError(
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: ${action} on resource: * because no identity-based policy allows the action`,
  );
}
