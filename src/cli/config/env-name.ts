import type { ConnectionId } from './connection.ts';

/** `baseUrl` → `BASE_URL`, `apiURLPath` → `API_URL_PATH`, `my-team` → `MY_TEAM`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}

/** What the variables of one connection begin with: `SASSY_SNYK__`, `SASSY_SNYK_ACME__`. */
export function envPrefix({ integration, connection }: ConnectionId): string {
  const section = connection === integration ? integration : `${integration}_${connection}`;
  return `SASSY_${snakeCase(section)}__`;
}

/** The environment variable of one config field: `SASSY_SNYK__TOKEN`. */
export function envName(id: ConnectionId, field: string): string {
  return envPrefix(id) + snakeCase(field);
}
