import type { SummaryResult } from './render/summary.ts';
import { renderSummary } from './render/summary.ts';
import type { Session } from './session.ts';

/** A result for people; '' where `--json` was asked for, so that no work goes into it. */
export function summaryOf(session: Session, result: SummaryResult, next: string | undefined): string {
  if (session.options.json) return '';
  return renderSummary(result, { style: session.environment.style, next: next === undefined ? [] : [next] });
}
