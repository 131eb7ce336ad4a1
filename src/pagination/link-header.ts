import { nextLink } from './next-link.ts';
import { capOf, type PageCap, type Paginator } from './paginator.ts';

/** One link of the header: `<target>` and its parameters up to the next comma outside quotes (RFC 8288, section 3). */
const LINK = /<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g;
/** One parameter: `; rel="next"`, quoted or not. Read one by one, because a quoted title may hold the text `rel=`. */
const PARAMETER = /;\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/g;

/**
 * RFC 8288: `Link: <https://api.github.com/organizations/1/repos?page=2>; rel="next"`. The path may differ from the
 * one that was asked for. Without such a link this was the last page.
 */
export function linkHeader(options: PageCap = {}): Paginator {
  return {
    ...capOf(options),
    reads: [],
    inHeaders: true,
    next(answer) {
      const link = nextIn(answer.headers['link'] ?? '');
      return link === undefined ? undefined : nextLink(link, answer);
    },
  };
}

/** The target of the first link whose relation types contain `next`. */
export function nextIn(header: string): string | undefined {
  for (const [, target, parameters = ''] of header.matchAll(LINK)) {
    const rel = [...parameters.matchAll(PARAMETER)].find(([, name]) => name?.toLowerCase() === 'rel');
    const types = (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/);
    if (types.includes('next')) return target;
  }
  return undefined;
}
