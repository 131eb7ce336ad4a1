import { entity } from 'sassy';
import { z } from 'zod';

export const Finding = entity(
  'Finding',
  { key: 'id' },
  {
    id: z.string(),
    orgId: z.string(),
    projectId: z.string(),
    key: z.string(),
    title: z.string(),
    severity: z.enum(['low', 'medium', 'high', 'critical', 'info']),
    status: z.enum(['open', 'resolved']),
    ignored: z.boolean(),
    createdAt: z.int(),
    updatedAt: z.int(),
    cves: z.array(z.string()),
    cwes: z.array(z.string()),
    packages: z.array(z.string()),
    fix: z.string().optional(),
    risk: z.number(),
  },
);
export type Finding = z.infer<typeof Finding>;
