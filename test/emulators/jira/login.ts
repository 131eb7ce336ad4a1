import { ApiError } from './api-error.ts';

export interface Login {
  readonly email: string;
  readonly apiToken: string;
  readonly accessToken: string;
  readonly isCloud: boolean;
  readonly anonymousAccess: boolean;
}

/**
 * True when somebody is logged in, false for the public. Throws 401 where the public sees nothing.
 *
 * @param isGateway below `/ex/jira/{cloudId}`, the only place where Cloud takes OAuth tokens
 */
export function isLoggedIn(login: Login, authorization: string | undefined, path: string, isGateway: boolean): boolean {
  const basic = `Basic ${Buffer.from(`${login.email}:${login.apiToken}`).toString('base64')}`;
  const takesBearer = isGateway || !login.isCloud;
  if (authorization === basic || (takesBearer && authorization === `Bearer ${login.accessToken}`)) return true;
  if (isGateway) throw new ApiError(401, { code: 401, message: 'Unauthorized' });
  const isOpen = path === '/serverInfo' || (login.anonymousAccess && path !== '/myself');
  if (isOpen) return false;
  if (!login.isCloud && authorization === undefined) {
    throw new ApiError(302, '', { location: `/login.jsp?os_destination=${encodeURIComponent(path)}` });
  }
  throw new ApiError(401, 'Client must be authenticated to access this resource.', {
    'x-seraph-loginreason': 'AUTHENTICATED_FAILED',
    'www-authenticate': 'OAuth realm="https%3A%2F%2Fexample.atlassian.net"',
  });
}
