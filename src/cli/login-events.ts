import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpEvents } from '../http/events.ts';
import { log } from '../http/policies/log.ts';
import type { HttpClient, Send } from '../model/http.ts';
import type { Host } from '../util/host.ts';

/** Tells the requests of a login to the client whose request has caused them. */
export interface LoginEvents {
  /** What the login sends with. */
  readonly send: Send;
  /** The client, so that a login that its requests begin is told to `events`. */
  around(client: HttpClient, events: HttpEvents): HttpClient;
}

/**
 * A login is shared by all clients of a connection, and one request of one of them makes it get a token: that is where the
 * request for the token is counted and shown. A login that nobody has asked for is told to nobody.
 */
export function loginEvents(send: Send, host: Host): LoginEvents {
  const asking = new AsyncLocalStorage<HttpEvents>();
  return {
    send: log((event) => asking.getStore()?.(event), host)(send),
    around: (client, events) => ({
      ...client,
      send: (request, format) => asking.run(events, () => client.send(request, format)),
      getJson: (path, query) => asking.run(events, () => client.getJson(path, query)),
    }),
  };
}
