import { entity, secret } from 'sassy';
import { z } from 'zod';

export const Config = z.object({
  token: secret().describe('An API token'),
  org: z.string(),
  baseUrl: z.url().optional(),
});
export type Config = z.infer<typeof Config>;

export const Project = z.looseObject({ id: z.string(), attributes: z.looseObject({ name: z.string() }) });
export type Project = z.infer<typeof Project>;

export const Issue = z.looseObject({
  id: z.string(),
  attributes: z.looseObject({ title: z.string(), updated_at: z.iso.datetime() }),
  relationships: z.looseObject({ scan_item: z.looseObject({ data: z.looseObject({ id: z.string() }) }) }),
});
export type Issue = z.infer<typeof Issue>;

export const Finding = entity(
  'Finding',
  { key: 'id' },
  { id: z.string(), title: z.string(), project: z.string().optional() },
);
export type Finding = z.infer<typeof Finding>;
