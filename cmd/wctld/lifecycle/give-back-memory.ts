import { constants, PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "../../../lib/clock.ts";
import { IdleHeap, type YoungGeneration } from "../../../lib/idle-heap.ts";

/** Returns a function that stops it. */
export function giveBackMemory(clock: Clock): () => void {
  const heap = new IdleHeap(clock, youngGeneration);
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some((entry) => !isForced(entry))) heap.collected();
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => {
    observer.disconnect();
    heap.close();
  };
}

/** By us, not because V8 needed the room. */
function isForced(entry: PerformanceEntry): boolean {
  const { flags } = (entry as CollectionEntry).detail;
  return (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
}

/** As Node documents an entry of the type `gc`. */
interface CollectionEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number; readonly flags: number };
}

const youngGeneration: YoungGeneration = {
  size: () => getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0,
  collector() {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as (how: { type: "minor" }) => void;
    setFlagsFromString("--no-expose-gc"); // V8 refuses code caches that were made with other flags.
    return () => gc({ type: "minor" });
  },
};
