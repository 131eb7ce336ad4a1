import { codeOf } from '../../errors/error-code.ts';
import { errorReport } from '../../errors/error-report.ts';
import { isSassyError } from '../../errors/sassy-error.ts';
import { wholeRecord } from '../../model/page.ts';
import type { CheckRunResult, ErrorReport } from '../../model/results.ts';
import type { Slice } from '../../model/slice.ts';
import type { StreamDefinition } from '../../model/stream.ts';
import { parentsOf } from '../../model/slice-source.ts';
import type { OnlineContext, RequestCounters } from '../run-context.ts';
import { planSlices } from './slice-plan.ts';

/** No connection was made at all: the address is wrong, or the service or the network is down. */
const NOBODY_THERE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

export interface CheckOutcome {
  readonly checks: CheckRunResult['checks'];
  readonly streams: CheckRunResult['streams'];
  /** In order; the first decides the exit code. */
  readonly errors: readonly unknown[];
}

/** Runs the checks, then asks each stream for one page: what a run at night would be refused is seen now. */
export async function runChecks(context: OnlineContext): Promise<CheckOutcome> {
  const counters: RequestCounters = { requests: 0, retries: 0, waitedMs: 0 };
  const http = context.client(counters);
  const errors: unknown[] = [];
  let skipped: string | undefined;
  let unreachable: unknown;
  const attempt = async (work: () => Promise<unknown>): Promise<unknown> => {
    // Where nobody answers, each further question would be asked as often and end alike.
    if (unreachable !== undefined) return unreachable;
    try {
      await work();
      return undefined;
    } catch (error) {
      context.signal.throwIfAborted();
      // What an integration skips is no refusal: the feature is off there, and the run goes on without it.
      if (isSassyError(error, 'SLICE_SKIPPED')) {
        skipped = error.message;
        return undefined;
      }
      errors.push(error);
      if (isSassyError(error, 'API_UNAVAILABLE') && NOBODY_THERE.test(codeOf(error.cause) ?? '')) unreachable = error;
      return error;
    }
  };
  let told: unknown;
  /** Once for each error, however many checks it ended. */
  const report = (error: unknown): { readonly error?: ErrorReport } => {
    if (error === undefined || error === told) return {};
    told = error;
    return { error: errorReport(error) };
  };
  const checks = [];
  for (const check of context.manifest.checks) {
    const error = await attempt(() => check.run({ config: context.config, http }));
    checks.push({
      name: check.title,
      ok: error === undefined,
      ...report(error),
    });
  }
  const streams = [];
  const firstRecords = new Map<string, unknown>();
  for (const definition of context.manifest.streams) {
    let unproven: string | undefined;
    skipped = undefined;
    const error = await attempt(async () => {
      const slice = await firstSlice(context, definition, firstRecords);
      if (slice === undefined) unproven = `not probed: ${parentOf(definition)} has no record to read it for`;
      else firstRecords.set(definition.name, await firstRecord(context, definition, slice, counters));
    });
    const note = unproven ?? skipped;
    streams.push({
      name: definition.name,
      readable: error === undefined,
      ...report(error),
      ...(note === undefined ? {} : { note }),
    });
  }
  return { checks, streams, errors };
}

/** The slice to probe; undefined when its parent is empty or cannot be read. */
async function firstSlice(
  { config }: OnlineContext,
  { name: stream, slices }: StreamDefinition,
  firstRecords: ReadonlyMap<string, unknown>,
): Promise<Slice | undefined> {
  const [first] = await planSlices(slices, {
    stream,
    config,
    async *parentRecords(parent) {
      const record = firstRecords.get(parent);
      if (record !== undefined) yield record;
    },
  });
  return first;
}

function parentOf({ slices }: StreamDefinition): string {
  return parentsOf(slices).join(' or ') || 'its list of slices';
}

async function firstRecord(
  context: OnlineContext,
  definition: StreamDefinition,
  slice: Slice,
  counters: RequestCounters,
): Promise<unknown> {
  const { config, signal } = context;
  const http = context.client(counters);
  for await (const page of definition.source.read({ config, slice, since: undefined, from: undefined, http, signal })) {
    return wholeRecord(page, 0);
  }
  return undefined;
}
