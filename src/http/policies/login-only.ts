import type { HttpRequest, HttpResponse, Policy, Send } from '../../model/http.ts';
import type { Egress } from '../egress.ts';
import type { Classify } from '../verdict.ts';

/**
 * Applies the login to requests that go where the credentials belong; a request to anywhere else goes without it.
 *
 * A `refresh` verdict reaches the login as the 401 that it stands for, so that every login renews itself the same way;
 * what the login hands on has its own status again.
 */
export function loginOnly(rule: Egress, login: Policy, classify: Classify): Policy {
  return (next) => {
    const originals = new WeakMap<HttpResponse, HttpResponse>();
    const marking: Send = async (request: HttpRequest) => {
      const response = await next(request);
      if (response.status === 401 || classify(response, request).kind !== 'refresh') return response;
      const marked = { ...response, status: 401 };
      originals.set(marked, response);
      return marked;
    };
    const inside = login(marking);
    return async (request) => {
      if (request.anonymous === true || !rule(request.url).hasLogin) return next(request);
      const response = await inside(request);
      return originals.get(response) ?? response;
    };
  };
}
