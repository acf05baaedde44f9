/** At once, so that they share the store's group commit. */
const PARALLEL = 64;

export async function inParallel<A>(
  all: readonly A[],
  signal: AbortSignal,
  work: (one: A) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < all.length; at += PARALLEL) {
    signal.throwIfAborted();
    await Promise.all(all.slice(at, at + PARALLEL).map(work));
  }
}
