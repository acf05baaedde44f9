import { configMaps, namespaces, type Resource, secrets } from "../../api/scheme.ts";

/** Namespaces come first, then what Processes refer to, then the rest; what is pruned goes in the reverse order. */
export const WAVES = [0, 1, 2] as const;

export const waveOf = ({ plural }: Resource): (typeof WAVES)[number] =>
  plural === namespaces.plural ? 0 : plural === secrets.plural || plural === configMaps.plural ? 1 : 2;

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
