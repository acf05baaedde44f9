import type { Clock } from "../lib/clock.ts";
import type { Exchange } from "./http/exchange.ts";
import type { StreamTurns } from "./http/stream-turns.ts";
import type { Registry } from "./registry/registry.ts";
import type { ResourceRequest } from "./router.ts";

/** What the verbs work with. */
export interface Services {
  registry: Registry;
  clock: Clock;
  /** From 0 to below 1. */
  random: () => number;
  streamTurns: StreamTurns;
}

/** Serves one parsed, authenticated and authorised request. Rejects with `StatusError`. */
export type Serve = (exchange: Exchange, request: ResourceRequest, services: Services) => Promise<void>;
