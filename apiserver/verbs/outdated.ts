import type { Exchange } from "../http/exchange.ts";
import type { Storage } from "../registry/storage.ts";

/** A store that takes no writes goes on being read, and nobody may take what it shows for how things are. */
export function warnIfOutdated(exchange: Exchange, storage: Storage): void {
  const why = storage.outdated?.();
  if (why !== undefined) exchange.warn([`what is shown may be out of date: ${why}`]);
}
