import type { Page } from './paging.ts';

type Link = string | { readonly href: string; readonly meta: object };

/** How an endpoint writes its links; real answers show all of these. */
export interface LinkStyle {
  /** Whether `links.next` begins with `/rest`. */
  readonly prefix: boolean;
  /** Issues: objects on odd pages, without `limit`, with sorted parameters and with `last`. */
  readonly asIssues: boolean;
}

export const linkStyles = {
  rest: { prefix: true, asIssues: false },
  bare: { prefix: false, asIssues: false },
  issues: { prefix: true, asIssues: true },
} as const satisfies Record<string, LinkStyle>;

/** `path` as requested, without `/rest`; `query` as requested, in its order. */
export function pageLinks(
  path: string,
  query: URLSearchParams,
  page: Page<{ readonly id: string }>,
  style: LinkStyle,
): Record<string, Link> {
  const base = new URLSearchParams(query);
  base.delete('starting_after');
  base.delete('ending_before');
  const links: Record<string, Link> = { self: linkTo(`/rest${path}`, query, style) };
  links['first'] = linkTo(`/rest${path}`, base, style);
  if (style.asIssues) links['last'] = linkTo(`/rest${path}`, withParameter(base, 'ending_before', 'end'), style);
  const prefixed = `${style.prefix ? '/rest' : ''}${path}`;
  if (page.previous !== undefined) {
    links['prev'] = linkTo(prefixed, withParameter(base, 'ending_before', page.previous), style);
  }
  if (page.next !== undefined) {
    const parameters = withParameter(base, 'starting_after', page.next);
    if (style.asIssues) parameters.delete('limit');
    const href = linkTo(prefixed, parameters, style);
    links['next'] = style.asIssues && page.number % 2 === 1 ? { href, meta: {} } : href;
  }
  return links;
}

function linkTo(path: string, query: URLSearchParams, style: LinkStyle): string {
  const parameters = new URLSearchParams(query);
  if (style.asIssues) parameters.sort();
  return `${path}?${parameters.toString()}`;
}

function withParameter(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const copy = new URLSearchParams(query);
  copy.set(name, value);
  return copy;
}
