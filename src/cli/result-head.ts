import { errorReport } from '../errors/error-report.ts';
import { isSassyError } from '../errors/sassy-error.ts';
import type { ErrorReport } from '../model/results.ts';

export interface ResultHead {
  readonly integration: string;
  readonly connection: string;
  readonly ok: boolean;
  readonly exitCode: number;
  readonly retryable: boolean;
  readonly resumeAfter?: string;
  readonly error?: ErrorReport;
}

interface Named {
  readonly manifest: { readonly name: string };
  readonly connection: string;
}

/** What every result of a run begins with. `errors` are those of its parts: the one that decided the exit code is told. */
export function resultHead(session: Named, exitCode: number, errors: readonly unknown[]): ResultHead {
  const deciding = errors.find(
    (error) => error !== undefined && (isSassyError(error) ? error.exitCode : 1) === exitCode,
  );
  const resumeAfter = errors
    .flatMap((error) => (isSassyError(error) ? (error.resumeAfter ?? []) : []))
    .sort()
    .at(-1);
  return {
    integration: session.manifest.name,
    connection: session.connection,
    ok: exitCode === 0,
    exitCode,
    retryable: exitCode === 75 || exitCode === 130 || exitCode === 143,
    ...(resumeAfter === undefined ? {} : { resumeAfter }),
    ...(deciding === undefined ? {} : { error: errorReport(deciding) }),
  };
}
