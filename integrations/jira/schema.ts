import { secret } from 'sassy';
import { z } from 'zod';
import { lenient } from '../_domain/lenient.ts';
import { personId } from './person-id.ts';

/** What issues are read with. Raw data holds these fields alone: `fields` of the config asks for more. */
const FIELDS =
  'summary,description,issuetype,project,parent,status,statuscategorychangedate,priority,labels,components,assignee,' +
  'reporter,creator,created,updated,resolution,resolutiondate,duedate,environment,security,versions,fixVersions,issuelinks';

export const Config = z.object({
  baseUrl: z.url().optional().describe('Your site: https://acme.atlassian.net, or the address of a Data Center server'),
  email: z.string().optional().describe('The account that the API token belongs to; on Data Center the user name'),
  apiToken: secret()
    .optional()
    .describe(
      'API token of that account (https://id.atlassian.com/manage-profile/security/api-tokens), or its password on Data Center',
    ),
  accessToken: secret()
    .optional()
    .describe('In place of email and apiToken: an OAuth 2.0 access token, or a personal access token of Data Center'),
  clientId: z
    .string()
    .optional()
    .describe('OAuth 2.0 (3LO): the client id of an app of https://developer.atlassian.com/console/myapps'),
  clientSecret: secret().optional().describe('OAuth 2.0 (3LO): the secret of that app; then sassy run jira login'),
  refreshToken: secret()
    .optional()
    .describe('OAuth 2.0 (3LO) where no browser is at hand: a refresh token of that app'),
  cloudId: z
    .string()
    .regex(/^[\w-]+$/, 'is no cloud id; https://<site>/_edge/tenant_info shows it')
    .optional()
    .describe(
      'For OAuth and scoped API tokens: the site behind https://api.atlassian.com/ex/jira; baseUrl is then not needed',
    ),
  deployment: z
    .enum(['cloud', 'datacenter'])
    .default('cloud')
    .describe('cloud (API version 3) or datacenter (version 2)'),
  fields: z
    .string()
    .regex(/(^|,)(updated|\*all|\*navigable)(,|$)/, 'must hold updated, *all or *navigable: new data is found by it')
    .default(FIELDS)
    .describe('Fields of issues to read, with commas; *all reads custom fields, comments and worklogs too'),
});
export type Config = z.infer<typeof Config>;

// Raw records: only the fields that the parsers rely on. Sites hide fields, and versions since 5.0 have more or fewer of
// them, so all but the key (and the cursor) may be absent or null.

const Id = z.union([z.string(), z.number()]).transform(String);
const Text = lenient(z.string());
const Flag = lenient(z.boolean());
const Named = lenient(z.looseObject({ name: Text }));

const User = z.looseObject({
  self: Text,
  accountId: Text,
  accountType: Text,
  key: Text,
  name: Text,
  emailAddress: Text,
  displayName: Text,
  active: Flag,
});

export const JiraUser = User.refine((user) => personId(user) !== null, 'the user has neither accountId, key nor name');
export type JiraUser = z.infer<typeof JiraUser>;

export const JiraProject = z.looseObject({
  id: Id,
  self: Text,
  key: Text,
  name: Text,
  projectTypeKey: Text,
  archived: Flag,
  deleted: Flag,
  projectCategory: Named,
});
export type JiraProject = z.infer<typeof JiraProject>;

export const Issue = z.looseObject({
  id: Id,
  self: Text,
  key: Text,
  fields: z.looseObject({
    updated: z.string(),
    created: Text,
    summary: Text,
    /** A document (ADF) on Cloud, wiki text on Data Center. */
    description: z.unknown().optional(),
    issuetype: Named,
    project: lenient(z.looseObject({ id: lenient(Id) })),
    status: lenient(z.looseObject({ name: Text, statusCategory: lenient(z.looseObject({ key: Text })) })),
    resolution: z.unknown().optional(),
    priority: Named,
    labels: lenient(z.array(z.string())),
    assignee: lenient(User),
  }),
});
export type Issue = z.infer<typeof Issue>;

/** What `/myself` tells about the login. */
export const Profile = z.object({ timeZone: z.string().nullish() });

/** What `/mypermissions` tells: Cloud about those asked for, Data Center about all. */
export const Permissions = z.object({
  permissions: z.record(z.string(), z.looseObject({ havePermission: z.boolean() })),
});
