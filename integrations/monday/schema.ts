import { secret } from 'sassy';
import { z } from 'zod';

export const Config = z.object({
  token: secret().describe('Personal API token: monday.com > avatar > Developers > API token'),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}$/, 'a version looks like 2026-10')
    .default('2026-10')
    .describe('API version sent with each request; the queries are written for 2026-10'),
  pageSize: z
    .number()
    .int()
    .min(1)
    .max(500)
    .default(500)
    .describe('Items per request; fewer when boards are so wide that queries cost too much or time out'),
  baseUrl: z.url().optional().describe('A test server in place of https://api.monday.com'),
});
export type Config = z.infer<typeof Config>;

// Raw records: `id` is all that is asked for. Every other field may be missing (other API versions, other queries) or null.

/** Ids are texts since 2023-10 and were numbers before. */
const Id = z.union([z.string(), z.number()]);
const text = z.string().nullish().catch(undefined);
const flag = z.boolean().nullish().catch(undefined);
const Ref = z.looseObject({ id: Id }).nullish().catch(undefined);
const list = <T extends z.ZodType>(of: T) => z.array(of.nullable().catch(null)).nullish().catch(undefined);

export const Board = z.looseObject({
  id: Id,
  name: text,
  state: text,
  type: text,
  url: text,
  created_at: text,
  workspace_id: Id.nullish().catch(undefined),
  workspace: z
    .looseObject({ id: Id.nullish().catch(undefined), name: text })
    .nullish()
    .catch(undefined),
});
export type Board = z.infer<typeof Board>;

export const User = z.looseObject({
  id: Id,
  name: text,
  email: text,
  /** Since 2026-10; the flags below are what there was before. */
  kind: text,
  status: text,
  enabled: flag,
  is_deleted: flag,
  is_pending: flag,
  is_admin: flag,
  is_guest: flag,
  is_view_only: flag,
});
export type User = z.infer<typeof User>;

export const Team = z.looseObject({ id: Id, name: text, users: list(z.looseObject({ id: Id })) });
export type Team = z.infer<typeof Team>;

/** Which columns there are, and what their ids are, differs from board to board: the type tells what a value means. */
export const ColumnValue = z.looseObject({
  id: z.string(),
  type: text,
  title: text,
  column: z.looseObject({ title: text, type: text }).nullish().catch(undefined),
  text,
  /** The column's own JSON, as text. */
  value: z.unknown(),
  label: text,
  is_done: flag,
  persons_and_teams: list(z.looseObject({ id: Id, kind: text })),
  tags: list(z.looseObject({ name: text })),
  values: list(z.looseObject({ label: text })),
});
export type ColumnValue = z.infer<typeof ColumnValue>;

export const Item = z.looseObject({
  id: Id,
  name: text,
  state: text,
  url: text,
  created_at: text,
  updated_at: text,
  board: Ref,
  parent_item: Ref,
  column_values: list(ColumnValue),
});
export type Item = z.infer<typeof Item>;
