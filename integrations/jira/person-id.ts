interface Identified {
  readonly accountId?: string | null | undefined;
  readonly key?: string | null | undefined;
  readonly name?: string | null | undefined;
}

/**
 * What a user is called by: the account id on Cloud, the key on Data Center, the login name before Jira 6. Cloud still
 * sends `key` and `name` as empty texts in places.
 */
export function personId({ accountId, key, name }: Identified): string | null {
  return accountId || key || name || null;
}
