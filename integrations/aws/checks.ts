import { isSassyError, SassyError } from 'sassy';
import type { CheckContext, PageRequest } from 'sassy';
import { hostOf, OWN, type SUB_RESOURCES } from './http.ts';
import type { Config } from './schema.ts';
import { FORMAT, identities, identity, query } from './streams.ts';

type Context = CheckContext<Config>;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html: some go by other names than the requests. */
const PERMISSIONS: Readonly<Record<(typeof SUB_RESOURCES)[number], string>> = {
  location: 's3:GetBucketLocation',
  tagging: 's3:GetBucketTagging',
  encryption: 's3:GetEncryptionConfiguration',
  publicAccessBlock: 's3:GetBucketPublicAccessBlock',
  policyStatus: 's3:GetBucketPolicyStatus',
  acl: 's3:GetBucketAcl',
  versioning: 's3:GetBucketVersioning',
  logging: 's3:GetBucketLogging',
  lifecycle: 's3:GetLifecycleConfiguration',
};

/** GetCallerIdentity needs no permission: what is refused is the key itself, or a role. */
export async function checkIdentities({ config, http }: Context): Promise<void> {
  const form = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
  const refused = await refusals(identities(config), (as) =>
    http.send(query(hostOf('sts', config.region), as, form), FORMAT),
  );
  if (refused.length > 0) {
    const fix =
      'allow sts:AssumeRole for the access key, and the key in the trust policy of the role (with its external id)';
    throw denied(`Not assumed: ${refused.map(({ of }) => of).join(', ')}`, refused, fix);
  }
}

const LISTS = {
  's3:ListAllMyBuckets': (config: Config, as: string): PageRequest => ({
    host: hostOf('s3', config.region),
    path: '/',
    query: { 'max-buckets': 1 },
    ...identity(as),
  }),
  'iam:ListUsers': (config: Config, as: string): PageRequest => iamList(config, as, 'ListUsers'),
  'iam:ListRoles': (config: Config, as: string): PageRequest => iamList(config, as, 'ListRoles'),
};

function iamList(config: Config, as: string, action: string): PageRequest {
  return query(hostOf('iam', config.region), as, { Action: action, Version: '2010-05-08', MaxItems: 1 });
}

export async function checkLists({ config, http }: Context, permission: keyof typeof LISTS): Promise<void> {
  const refused = await refusals(identities(config), (as) => http.send(LISTS[permission](config, as), FORMAT));
  if (refused.length > 0) {
    throw denied(
      `${permission} is missing for ${refused.map(({ of }) => of).join(', ')}`,
      refused,
      `allow ${permission}`,
    );
  }
}

/** Asks for every setting of the first bucket that can be found: which of them are refused tells which permissions are missing. */
export async function checkBucketSettings({ config, http }: Context): Promise<void> {
  for (const as of identities(config)) {
    const host = hostOf('s3', config.region);
    const list = await refusals([as], async () => {
      const { bytes } = await http.send({ host, path: '/', query: { 'max-buckets': 1 }, ...identity(as) }, FORMAT);
      const name = /<Bucket>.*?<Name>([^<]+)<\/Name>/s.exec(bytes.toString('utf8'))?.[1];
      if (name === undefined) return;
      const settings = Object.entries(PERMISSIONS);
      const refused = await refusals(
        settings.map(([, permission]) => permission),
        (permission) => {
          const [subResource] = settings.find(([, named]) => named === permission) ?? [''];
          return http.send({ host, path: `/${encodeURIComponent(name)}?${subResource}`, ...identity(as) }, FORMAT);
        },
      );
      if (refused.length === 0) return;
      const missing = refused.map(({ of }) => of).join(', ');
      const whose = as === OWN ? '' : ` as ${as}`;
      throw denied(
        `Missing on the bucket ${name}${whose}: ${missing}`,
        refused,
        `allow ${missing}, or see whether the policy of the bucket denies it`,
      );
    });
    const [first] = list;
    if (first !== undefined) throw first.error;
  }
}

interface Refusal {
  readonly of: string;
  readonly error: SassyError;
}

/** For which of these it is refused. What a stream leaves out and counts is a refusal here; all other errors are thrown. */
async function refusals(list: readonly string[], work: (of: string) => Promise<unknown>): Promise<readonly Refusal[]> {
  const refused: Refusal[] = [];
  for (const of of list) {
    try {
      await work(of);
    } catch (error) {
      if (!isSassyError(error, 'SLICE_SKIPPED') && !isSassyError(error, 'PERMISSION_DENIED')) throw error;
      refused.push({ of, error });
    }
  }
  return refused;
}

function denied(message: string, refused: readonly Refusal[], fix: string): SassyError {
  const [first] = refused;
  return new SassyError('PERMISSION_DENIED', { message, why: first?.error.why ?? first?.error.message ?? '', fix });
}
