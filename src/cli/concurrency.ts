/** Requests on their way at once, to begin with. The rate limit is shared too, so more would only wait elsewhere. */
export const CONCURRENCY = 10;

/** As many as the gate may grow to while the API stays as fast: slices read at once, and sockets. */
export const MOST_CONCURRENCY = 32;
