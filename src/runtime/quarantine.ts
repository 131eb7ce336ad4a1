import { join } from 'node:path';
import { SassyError } from '../errors/sassy-error.ts';
import type { DriftFinding } from '../model/results.ts';
import type { Host } from '../util/host.ts';
import { isObject } from '../util/json.ts';
import type { StoredRecord } from './datasets.ts';

/** More than this share, or this many, means that the parser or the API changed: going on would ruin the entities. */
const MAX_SHARE = 0.01;
const MAX_COUNT = 100;
/** Below this many a share says nothing. */
const MIN_COUNT = 10;

interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * Where records and entities go that fail validation. Nothing is dropped: each is kept with the reason and the page
 * it came from, counted, and shown. Too many of them end the run before anything is changed.
 */
export class Quarantine {
  readonly #lines: string[] = [];
  readonly #findings = new Map<string, { stream: string; path: string; problem: string; count: number }>();

  get count(): number {
    return this.#lines.length;
  }

  /** What differs from the schemas, by place: the first message of each place and how often. */
  get findings(): readonly DriftFinding[] {
    return [...this.#findings.values()];
  }

  /** A raw record that does not match its stream's schema, or that led to an entity which does not match its own. */
  add(stream: string, stored: StoredRecord | undefined, error: unknown, entity?: unknown): void {
    const problems = problemsOf(error);
    for (const { path, message } of problems) {
      const place = `${stream} ${path}`;
      const finding = this.#findings.get(place) ?? { stream, path, problem: message, count: 0 };
      finding.count += 1;
      this.#findings.set(place, finding);
    }
    this.#lines.push(
      JSON.stringify({
        stream,
        problems,
        ...(entity === undefined ? {} : { entity }),
        ...(stored === undefined
          ? {}
          : {
              request: stored.page.request,
              fetchedAt: stored.page.fetchedAt,
              slice: stored.page.slice,
              index: stored.index,
              record: stored.record,
            }),
      }),
    );
  }

  /** Throws when there is too much of it among `total` records. */
  check(parser: string, total: number): void {
    const share = total === 0 ? 0 : this.count / total;
    if (this.count <= MAX_COUNT && (this.count < MIN_COUNT || share <= MAX_SHARE)) return;
    const worst = [...this.#findings.values()].sort((a, b) => b.count - a.count)[0];
    throw new SassyError('TOO_MANY_INVALID', {
      message: `${parser}: ${this.count} of ${total} records do not match their schema, so nothing was changed`,
      ...(worst === undefined
        ? {}
        : { why: `most often ${worst.stream} ${worst.path}: ${worst.problem} (${worst.count} times)` }),
      fix: 'mend the schema or the parser in the integration, then run parse again; nothing needs to be fetched',
    });
  }

  /** Writes what was collected; undefined when there is nothing. */
  async write(host: Host, folder: string, runId: string): Promise<string | undefined> {
    if (this.count === 0) return undefined;
    const file = join(folder, `${runId}.jsonl`);
    await host.fs.mkdir(folder);
    await host.fs.writeNew(file, [Buffer.from(`${this.#lines.join('\n')}\n`)]);
    await host.fs.syncFolder(folder);
    return file;
  }
}

/** The issues of a zod error, of whichever copy of zod. */
function problemsOf(error: unknown): readonly Problem[] {
  const issues = isIssueList(error) ? error.issues : [];
  if (issues.length === 0) return [{ path: '', message: error instanceof Error ? error.message : String(error) }];
  return issues.map((issue) => ({
    path: Array.isArray(issue['path']) ? issue['path'].map((part) => `/${String(part)}`).join('') : '',
    message: String(issue['message']),
  }));
}

function isIssueList(error: unknown): error is { readonly issues: readonly Readonly<Record<string, unknown>>[] } {
  return (
    typeof error === 'object' && error !== null && 'issues' in error && Array.isArray(error.issues) && error.issues.every(isObject)
  );
}
