import { readBytes, readKeep, type Retention } from '../model/retention.ts';
import type { StreamValue } from './define-stream.ts';
import type { Problem } from './definition-problem.ts';

type Options = Pick<StreamValue, 'name' | 'cursor' | 'flow' | 'keep' | 'maxBytes'>;

/** What is wrong with a stream's `keep` and `maxBytes`. */
export function retentionProblems({ name, cursor, flow, keep, maxBytes }: Options): readonly Problem[] {
  const problems: Problem[] = [];
  const rule = keep === undefined ? undefined : readKeep(keep);
  if (keep !== undefined && rule === undefined)
    problems.push({ what: `stream ${name}: keep '${keep}' is none`, fix: "write '90d', '36h', '12w' or '5 listings'" });
  if (rule?.kind === 'listings' && cursor !== undefined && flow !== 'full' && typeof flow !== 'object') {
    const what = `stream ${name}: it keeps '${keep}', but is never listed in full`;
    problems.push({ what, fix: "write a time, like '90d'" });
  }
  if (maxBytes !== undefined && readBytes(String(maxBytes)) === undefined)
    problems.push({ what: `stream ${name}: maxBytes '${maxBytes}' is none`, fix: "write '500MB', '2GB' or a number" });
  return problems;
}

/** The same as plain data; nothing where nothing was said. */
export function retentionOf({ keep, maxBytes }: Options): { readonly retention?: Retention } {
  const rule = keep === undefined ? undefined : readKeep(keep);
  const most = maxBytes === undefined ? undefined : readBytes(String(maxBytes));
  if (rule === undefined && most === undefined) return {};
  return {
    retention: { ...(rule === undefined ? {} : { keep: rule }), ...(most === undefined ? {} : { maxBytes: most }) },
  };
}
