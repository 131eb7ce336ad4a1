import { z } from 'zod';

const reference = z.object({ data: z.object({ id: z.string(), type: z.string() }) });

/** Every field of an issue, so that as much is validated as by the peer. */
export const Issue = z.object({
  id: z.string(),
  type: z.literal('issue'),
  attributes: z.object({
    key: z.string(),
    title: z.string(),
    description: z.string(),
    type: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    status: z.enum(['open', 'resolved']),
    ignored: z.boolean(),
    effective_severity_level: z.enum(['low', 'medium', 'high', 'critical', 'info']),
    problems: z.array(
      z.object({
        id: z.string(),
        source: z.string(),
        type: z.string(),
        updated_at: z.string(),
        url: z.string().optional(),
      }),
    ),
    classes: z.array(z.object({ id: z.string(), source: z.string(), type: z.string() })),
    coordinates: z.array(
      z.object({
        is_fixable_manually: z.boolean(),
        is_fixable_snyk: z.boolean(),
        is_upgradeable: z.boolean(),
        reachability: z.string(),
        representations: z.array(
          z.object({ dependency: z.object({ package_name: z.string(), package_version: z.string() }) }),
        ),
        remedies: z.array(
          z.object({
            type: z.string(),
            description: z.string(),
            details: z.object({ upgrade_package: z.string() }).optional(),
          }),
        ),
      }),
    ),
    risk: z.object({ score: z.object({ model: z.string(), value: z.number() }), factors: z.array(z.unknown()) }),
  }),
  relationships: z.object({
    organization: reference,
    scan_item: reference,
    test_executions: z.object({ data: z.array(z.unknown()) }),
  }),
});
export type Issue = z.infer<typeof Issue>;

/** The same for both sides. */
export function toFinding(issue: Issue) {
  const { attributes, relationships } = issue;
  return {
    id: issue.id,
    orgId: relationships.organization.data.id,
    projectId: relationships.scan_item.data.id,
    key: attributes.key,
    title: attributes.title,
    severity: attributes.effective_severity_level,
    status: attributes.status,
    ignored: attributes.ignored,
    createdAt: Date.parse(attributes.created_at),
    updatedAt: Date.parse(attributes.updated_at),
    cves: attributes.problems.filter(({ source }) => source === 'NVD').map(({ id }) => id),
    cwes: attributes.classes.map(({ id }) => id),
    packages: attributes.coordinates.flatMap(({ representations }) =>
      representations.map(({ dependency }) => `${dependency.package_name}@${dependency.package_version}`),
    ),
    fix: attributes.coordinates[0]?.remedies[0]?.details?.upgrade_package,
    risk: attributes.risk.score.value,
  };
}
