/**
 * Does `work` for one item while the result for the item before it is being used: two results in memory, never more.
 * Results come in the order of the items. When the caller stops early, at most one piece of work was done for nothing.
 */
export async function* readAhead<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  let ahead: Promise<R> | undefined;
  for await (const item of items) {
    const ready = ahead;
    ahead = work(item);
    // Its error is thrown when its turn comes; until then nobody is waiting for it.
    ahead.catch(() => undefined);
    if (ready !== undefined) yield await ready;
  }
  if (ahead !== undefined) yield await ahead;
}
