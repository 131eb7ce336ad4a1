import { z } from 'zod';
import { readBytes, readKeep, type Retention } from '../../model/retention.ts';
import { type ConnectionId, connectionText, parseConnection } from './connection.ts';

/** What `sassy.config.ts` may say of how long a connection's raw data is kept. */
export const RetentionChoice = z.strictObject({
  keep: z
    .string()
    .refine((text) => readKeep(text) !== undefined, { error: "expected '90d', '36h', '12w' or '5 listings'" })
    .optional(),
  maxBytes: z
    .union([z.string(), z.number()])
    .refine((size) => readBytes(String(size)) !== undefined, { error: "expected '500MB', '2GB' or a number of bytes" })
    .optional(),
});

type Choices = Readonly<Record<string, z.infer<typeof RetentionChoice>>>;

/** What was said of one connection; `snyk` and `snyk/snyk` are the same one. */
export function retentionOfConnection(choices: Choices | undefined, id: ConnectionId): Retention {
  const all = Object.entries(choices ?? {});
  const own = all.find(([name]) => connectionText(parseConnection(name)) === connectionText(id))?.[1];
  const keep = own?.keep === undefined ? undefined : readKeep(own.keep);
  const maxBytes = own?.maxBytes === undefined ? undefined : readBytes(String(own.maxBytes));
  return { ...(keep === undefined ? {} : { keep }), ...(maxBytes === undefined ? {} : { maxBytes }) };
}
