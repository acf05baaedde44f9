import { describe } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { storeContract } from "./contract.ts";

describe("MemoryStore", () => {
  storeContract((limits) => MemoryStore.open({ logger: silentLogger, clock: systemClock, ...limits }));
});
