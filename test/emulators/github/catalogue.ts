/** Words to make alerts of; the ids are real, who is hit by them is not. */
export const ADVISORIES = [
  {
    ghsa: 'GHSA-rf4j-j272-fj86',
    cve: 'CVE-2018-6188',
    cwe: 'CWE-200',
    pkg: 'django',
    ecosystem: 'pip',
    summary: 'Django information disclosure',
  },
  {
    ghsa: 'GHSA-38r7-794h-5758',
    cve: 'CVE-2025-68157',
    cwe: 'CWE-918',
    pkg: 'webpack',
    ecosystem: 'npm',
    summary: 'webpack buildHttp allowedUris bypass → SSRF',
  },
  {
    ghsa: 'GHSA-4992-7rv2-5pvq',
    cve: 'CVE-2026-1527',
    cwe: 'CWE-93',
    pkg: 'undici',
    ecosystem: 'npm',
    summary: 'Undici has CRLF Injection in undici via `upgrade` option',
  },
  {
    ghsa: 'GHSA-jfh8-c2jp-5v3q',
    cve: 'CVE-2021-44228',
    cwe: 'CWE-502',
    pkg: 'org.apache.logging.log4j:log4j-core',
    ecosystem: 'maven',
    summary: 'Log4j 远程代码执行',
  },
  {
    ghsa: 'GHSA-p6mc-m468-83gw',
    cve: null,
    cwe: 'CWE-1321',
    pkg: 'lodash',
    ecosystem: 'npm',
    summary: 'Prototype Pollution in lodash',
  },
] as const;

export const RULES = [
  {
    id: 'js/zipslip',
    description: 'Arbitrary file write during zip extraction',
    severity: 'error',
    level: 'high',
    tags: ['security', 'external/cwe/cwe-022'],
  },
  {
    id: 'py/clear-text-logging-sensitive-data',
    description: 'Clear-text logging of sensitive information',
    severity: 'error',
    level: 'critical',
    tags: ['external/cwe/cwe-312', 'external/cwe/cwe-359', 'security'],
  },
  {
    id: 'actions/missing-workflow-permissions',
    description: 'Workflow does not contain permissions',
    severity: 'warning',
    level: 'medium',
    tags: ['actions', 'external/cwe/cwe-275'],
  },
  {
    id: 'js/unused-local-variable',
    description: 'Unused variable, import, function or class',
    severity: 'note',
    level: null,
    tags: ['maintainability'],
  },
  {
    id: 'CVE-2023-4911',
    description: 'glibc: buffer overflow in ld.so',
    severity: 'error',
    level: undefined,
    tags: null,
  },
  { id: null, description: 'Custom rule without an id', severity: null, level: null, tags: [] },
  {
    id: 'semgrep.none',
    description: 'Informational',
    severity: 'none',
    level: undefined,
    tags: ['external/cwe/cwe-0079', 'external/cwe/cwe-79'],
  },
] as const;

export const SECRETS = [
  { type: 'adafruit_io_key', name: 'Adafruit IO Key' },
  { type: 'github_personal_access_token', name: 'GitHub Personal Access Token' },
  { type: 'mailchimp_api_key', name: 'Mailchimp API Key' },
] as const;

export const REPOSITORY_WORDS = ['api', 'web', 'infra', 'mobile', 'billing', 'search', 'docs', 'tools'] as const;
export const ORG_NAMES = ['acme', 'umbrella', 'initech', 'Globex-Corp', 'hooli'] as const;
