/** Slices read and sockets open at once. The rate limit is shared too, so more would only wait elsewhere. */
export const CONCURRENCY = 10;
