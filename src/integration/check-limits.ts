import { readLimit } from '../model/limit.ts';
import type { StreamExpectation } from '../model/stream.ts';
import { isObject } from '../util/json.ts';
import type { Problem } from './definition-problem.ts';

/** Numbers and shares that an author wrote. `of`: whose they are, in words. */
export function limitProblems(of: string, limits: Readonly<Record<string, unknown>>): readonly Problem[] {
  return Object.entries(limits)
    .filter(([, limit]) => limit !== undefined && readLimit(limit) === undefined)
    .map(([name, limit]) => ({
      what: `${of}: ${name} ${JSON.stringify(limit)} is neither a number nor a share`,
      fix: `write ${name}: 100 or ${name}: '1 %'`,
    }));
}

export function expectationProblems(stream: string, expect: StreamExpectation | undefined): readonly Problem[] {
  if (expect === undefined) return [];
  const of = `stream ${stream}: expect`;
  const { minRecords, maxDrop, required } = expect;
  const shares = isObject(required) ? required : {};
  return [...limitProblems(of, { minRecords, maxDrop }), ...limitProblems(`${of}.required`, shares)];
}
