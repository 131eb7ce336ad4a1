import { ApiError } from './api-error.ts';

import type { IssueData } from './world.ts';
import type { ZoneClock } from './zone-clock.ts';

export interface Search {
  readonly matches: (issue: IssueData) => boolean;
  readonly isNewestFirst: boolean;
}

const TIME = /^\d{4}[-/]\d\d[-/]\d\d( \d\d:\d\d)?$/;

/** The part of JQL that is needed: `updated >= "…"` and `project = X`, joined by AND, with an ORDER BY of `updated`. */
export function parseJql(jql: string, clock: ZoneClock, mustBeBounded: boolean): Search {
  const [, where = '', order] = /^(.*?)(?:\s*\border by\s+(.*))?$/is.exec(jql.trim()) ?? [];
  const [, direction] = /^updated(?:\s+(asc|desc))?$/i.exec(order?.trim() ?? 'updated desc') ?? [];
  if (order !== undefined && direction === undefined && !/^updated$/i.test(order.trim())) {
    throw new ApiError(400, `Error in the JQL Query: cannot order by '${order}'.`);
  }
  const clauses = where.trim() === '' ? [] : where.split(/\s+and\s+/i).map((clause) => parseClause(clause, clock));
  if (clauses.length === 0 && mustBeBounded) {
    throw new ApiError(
      400,
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    );
  }
  return {
    matches: (issue) => clauses.every((clause) => clause(issue)),
    isNewestFirst: (direction ?? 'asc').toLowerCase() === 'desc',
  };
}

function parseClause(clause: string, clock: ZoneClock): (issue: IssueData) => boolean {
  const [, field = '', operator = '', quoted, bare] =
    /^\s*(\w+)\s*(>=|=)\s*(?:["']([^"']*)["']|(\S+))\s*$/.exec(clause) ?? [];
  const value = quoted ?? bare ?? '';
  if (field === 'project' && operator === '=') return ({ project }) => project.key === value;
  if (field !== 'updated' || operator !== '>=')
    throw new ApiError(400, `Error in the JQL Query: '${clause}' is not understood.`);
  if (!TIME.test(value)) {
    throw new ApiError(
      400,
      `Date value '${value}' for field 'updated' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
    );
  }
  const [day = '', minute = '00:00'] = value.replaceAll('/', '-').split(' ');
  const from = clock.instantOf(`${day} ${minute}`);
  return ({ updated }) => updated >= from;
}
