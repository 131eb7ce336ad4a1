import { offset, SassyError } from 'sassy';
import type { PageAnswer, PageRequest, Paginator } from 'sassy';

/** Users: a bare array, and no word about more. A page may be short before the last, so only an empty one ends it. */
export const untilEmpty = offset({ query: 'startAt', overlap: false });

/**
 * Everything else, as the answer's own form says: `nextPageToken` (`/search/jql`), `nextCursor` (`/user/list`), `total`
 * or `isLast` with `startAt` (`/project/search`, Data Center), or a bare array, which is everything (`/project`).
 */
export const asAnswered: Paginator = {
  next(answer) {
    const { request, recordCount } = answer;
    if (typeof answer.json !== 'object' || answer.json === null || Array.isArray(answer.json)) return undefined;
    const { isLast, nextPageToken, nextCursor, total }: Partial<Record<string, unknown>> = { ...answer.json };
    if (isLast === true) return undefined;
    if (typeof nextPageToken === 'string' && nextPageToken !== '') {
      return { ...request, query: { ...request.query, nextPageToken } };
    }
    if (typeof nextCursor === 'string' && nextCursor !== '') {
      return { ...request, query: { ...request.query, cursor: nextCursor } };
    }
    if (typeof total === 'number') {
      requireStable(request, total);
      if (recordCount === 0 || startOf(answer) + recordCount >= total) return undefined;
      return { ...movedOn(answer), memo: { ...request.memo, total } };
    }
    if (isLast === false && recordCount > 0 && request.query?.['startAt'] !== undefined) return movedOn(answer);
    if (isLast !== false) return undefined;
    throw new SassyError('API_WRONG_ANSWER', {
      message: 'Jira says that there are more pages and does not say where',
      why: 'the answer has isLast: false and no nextPageToken',
    });
  },
};

/** A record that is removed moves all behind it up by one place, and one of them onto a page that was read already. */
function requireStable({ memo, path }: PageRequest, total: number): void {
  const before = memo?.['total'];
  if (typeof before !== 'number' || total >= before) return;
  throw new SassyError('LIST_UNSTABLE', {
    message: `The list ${path} lost records while it was read`,
    why: `it had ${before} records and now has ${total}`,
  });
}

/** By what came, not by what was asked for: servers cap the size of a page. */
function movedOn(answer: PageAnswer): PageRequest {
  return { ...answer.request, query: { ...answer.request.query, startAt: startOf(answer) + answer.recordCount } };
}

function startOf({ request, json }: PageAnswer): number {
  const told = typeof json === 'object' && json !== null && 'startAt' in json ? json.startAt : undefined;
  return typeof told === 'number' ? told : Number(request.query?.['startAt'] ?? 0);
}
