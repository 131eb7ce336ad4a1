/** `CodeScanningAlerts` → `code_scanning_alerts`, `AWSAccounts` → `aws_accounts`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .replaceAll(/[\s-]+/g, '_')
    .toLowerCase();
}

/** `projects` → `project`, `repositories` → `repository`, `addresses` → `address`. */
export function singular(plural: string): string {
  if (/[^aeiou]ies$/.test(plural)) return `${plural.slice(0, -3)}y`;
  if (/(ss|us|sh|x|[^a]ch)es$/.test(plural)) return plural.slice(0, -2);
  return /[^s]s$/.test(plural) ? plural.slice(0, -1) : plural;
}
