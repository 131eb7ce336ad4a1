import { entity, ref } from 'sassy';
import { z } from 'zod';

// One domain for security work, shared by the integrations: each maps its vendor's objects into these, so that one SQL
// query spans Snyk, GitHub, Jira and the clouds. `source` is the integration's name; ids are the vendor's own.

const Time = z.iso.datetime({ offset: true });

/** Something that is worked on or scanned: a repository, a scanned manifest or image, a Jira project, a Monday board. */
export const Project = entity(
  'Project',
  { key: 'id' },
  {
    id: z.string(),
    source: z.string(),
    name: z.string(),
    /** What it is, in the vendor's word: `npm`, `repository`, `software`, `board`. */
    kind: z.string(),
    /** Where it comes from: `github`, `cli`; the source itself where there is nothing else. */
    origin: z.string(),
    active: z.boolean(),
    orgId: z.string().nullable(),
    orgName: z.string().nullable(),
    file: z.string().nullable(),
    branch: z.string().nullable(),
    criticality: z.array(z.string()),
    environment: z.array(z.string()),
    lifecycle: z.array(z.string()),
    tags: z.record(z.string(), z.string()),
    url: z.string().nullable(),
    /** `github.com/acme/api`, in lower case: by it the projects of one repository are found at every service. */
    repository: z.string().nullable(),
    createdAt: Time.nullable(),
  },
);
export type Project = z.infer<typeof Project>;

export const Severity = z.enum(['info', 'low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof Severity>;

/** A weakness that was found somewhere, as it stands now. */
export const Finding = entity(
  'Finding',
  { key: 'id' },
  {
    id: z.string(),
    source: z.string(),
    title: z.string(),
    /** `package_vulnerability`, `code`, `license`, `secret`, … */
    kind: z.string(),
    severity: Severity,
    status: z.enum(['open', 'ignored', 'resolved']),
    projectId: ref(Project).nullable(),
    projectName: z.string().nullable(),
    orgId: z.string().nullable(),
    cves: z.array(z.string()),
    cwes: z.array(z.string()),
    /** `name@version` */
    packages: z.array(z.string()),
    fixable: z.boolean(),
    riskScore: z.number().nullable(),
    url: z.string().nullable(),
    createdAt: Time,
    updatedAt: Time,
    resolvedAt: Time.nullable(),
  },
);
export type Finding = z.infer<typeof Finding>;

/** Somebody with a login at the vendor. */
export const Person = entity(
  'Person',
  { key: 'id' },
  {
    id: z.string(),
    source: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    active: z.boolean(),
    /** `user`, `bot`, `guest`, `app`, … in the vendor's word. */
    kind: z.string(),
  },
);
export type Person = z.infer<typeof Person>;

/** A piece of work: a ticket, an item of a board. */
export const WorkItem = entity(
  'WorkItem',
  { key: 'id' },
  {
    id: z.string(),
    source: z.string(),
    /** What people call it: `SEC-42`. */
    key: z.string(),
    title: z.string(),
    kind: z.string(),
    /** In the vendor's words. */
    status: z.string().nullable(),
    done: z.boolean(),
    priority: z.string().nullable(),
    projectId: ref(Project).nullable(),
    assigneeId: ref(Person).nullable(),
    description: z.string().nullable(),
    labels: z.array(z.string()),
    /** The CVE ids that it names, in its title, labels or description: what ties it to findings. */
    cves: z.array(z.string()),
    url: z.string().nullable(),
    createdAt: Time.nullable(),
    updatedAt: Time.nullable(),
  },
);
export type WorkItem = z.infer<typeof WorkItem>;

/** Something that runs or lies in a cloud: a bucket, a role, an instance. */
export const CloudResource = entity(
  'CloudResource',
  { key: 'id' },
  {
    /** The cloud's own full name of it: an ARN, a `//service.googleapis.com/…` name. */
    id: z.string(),
    source: z.string(),
    name: z.string(),
    /** `s3.bucket`, `iam.role`, `storage.googleapis.com/Bucket`, … */
    kind: z.string(),
    accountId: z.string().nullable(),
    region: z.string().nullable(),
    /** Undefined by the cloud, or not readable: null. */
    isPublic: z.boolean().nullable(),
    isEncrypted: z.boolean().nullable(),
    tags: z.record(z.string(), z.string()),
    createdAt: Time.nullable(),
    updatedAt: Time.nullable(),
  },
);
export type CloudResource = z.infer<typeof CloudResource>;
