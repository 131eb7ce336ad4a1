import { secret } from 'sassy';
import { z } from 'zod';
import { lenient } from '../_domain/lenient.ts';

/** `acme,umbrella`, a JSON array or a list of `sassy.config.ts`: names of GitHub hold neither commas nor brackets. */
const Names = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((text) => text.split(/[\s,"[\]]+/).filter((name) => name !== '')))
  .optional();

export const Config = z
  .object({
    token: secret()
      .optional()
      .describe(
        'Personal access token (classic: repo and read:org; fine-grained: see the README). Not with a GitHub App',
      ),
    appId: z.string().optional().describe('GitHub App: its App ID or Client ID'),
    installationId: z.string().optional().describe('GitHub App: the number at the end of the installation’s URL'),
    privateKey: secret()
      .optional()
      .describe('GitHub App: the .pem file, base64 on one line (base64 -w0 key.pem), or with \\n for its line breaks'),
    orgs: Names.describe(
      'Organisations to read, e.g. acme,umbrella. Without orgs and users: all that the login can see',
    ),
    users: Names.describe('User accounts to read, e.g. octocat'),
    alertsLevel: z
      .enum(['repository', 'org'])
      .default('repository')
      .describe(
        'org: one list of alerts for each of orgs, for owners and security managers; else one for each repository',
      ),
    apiVersion: z.enum(['2022-11-28', '2026-03-10']).default('2022-11-28').describe('X-GitHub-Api-Version'),
    baseUrl: z.url().optional().describe('GitHub Enterprise Server (https://host/api/v3), or a test server'),
  })
  .refine(({ alertsLevel, orgs = [] }) => alertsLevel === 'repository' || orgs.length > 0, {
    path: ['alertsLevel'],
    error: 'org needs orgs: the organisations whose alerts are read as one list',
  });
export type Config = z.infer<typeof Config>;

// Raw records: what the parsers use. Only ids are asked for: GitHub has added, renamed and dropped fields for years
// (2026-03-10 drops security_advisory.cvss), and some lists are cut down to bare ids.

const Text = lenient(z.string());
const Severity = lenient(z.looseObject({ score: lenient(z.number()) }));

const Account = z.looseObject({ id: z.number(), login: z.string(), type: Text });

export const Repository = z.looseObject({
  id: z.number(),
  name: Text,
  full_name: Text,
  owner: lenient(Account),
  html_url: Text,
  archived: lenient(z.boolean()),
  disabled: lenient(z.boolean()),
  default_branch: Text,
  created_at: Text,
  topics: lenient(z.array(z.string())),
  custom_properties: lenient(z.record(z.string(), lenient(z.union([z.string(), z.array(z.string())])))),
});
export type Repository = z.infer<typeof Repository>;

export const Member = Account.extend({ name: Text, email: Text });
export type Member = z.infer<typeof Member>;

/** Where alerts are listed: `/repos/acme/api` or `/orgs/acme`. Our own record, made of the config and a repository. */
export const AlertList = z.object({ path: z.string() });

/** What the three kinds of alerts share. Only lists of an organisation name the repository. */
const Alert = z.looseObject({
  number: lenient(z.number()),
  url: z.string(),
  html_url: Text,
  state: Text,
  created_at: Text,
  updated_at: Text,
  repository: lenient(z.looseObject({ id: z.number(), full_name: Text, owner: lenient(Account) })),
});
export type Alert = z.infer<typeof Alert>;

const Package = lenient(z.looseObject({ name: Text }));

export const DependabotAlert = Alert.extend({
  dependency: lenient(z.looseObject({ package: Package })),
  security_advisory: lenient(
    z.looseObject({
      ghsa_id: Text,
      cve_id: Text,
      summary: Text,
      severity: Text,
      cvss: Severity,
      cvss_severities: lenient(z.looseObject({ cvss_v3: Severity, cvss_v4: Severity })),
      cwes: lenient(z.array(z.looseObject({ cwe_id: Text }))),
      identifiers: lenient(z.array(z.looseObject({ value: Text }))),
    }),
  ),
  security_vulnerability: lenient(
    z.looseObject({
      package: Package,
      severity: Text,
      vulnerable_version_range: Text,
      first_patched_version: lenient(z.looseObject({ identifier: Text })),
    }),
  ),
  fixed_at: Text,
  dismissed_at: Text,
  auto_dismissed_at: Text,
});
export type DependabotAlert = z.infer<typeof DependabotAlert>;

export const CodeScanningAlert = Alert.extend({
  rule: lenient(
    z.looseObject({
      id: Text,
      name: Text,
      description: Text,
      severity: Text,
      security_severity_level: Text,
      tags: lenient(z.array(z.string())),
    }),
  ),
  most_recent_instance: lenient(z.looseObject({ state: Text })),
  fixed_at: Text,
  dismissed_at: Text,
});
export type CodeScanningAlert = z.infer<typeof CodeScanningAlert>;

export const SecretScanningAlert = Alert.extend({
  secret_type: Text,
  secret_type_display_name: Text,
  validity: Text,
  resolution: Text,
  resolved_at: Text,
});
export type SecretScanningAlert = z.infer<typeof SecretScanningAlert>;
