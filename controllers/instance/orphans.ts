import type { Client } from "../../api/client.ts";
import { instances } from "../../api/scheme.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Runtime, StopSignal } from "../../runtime/runtime.ts";
import { rungsOf, type StopLadder } from "./stop-ladder.ts";

const GRACE_MS = 30_000;

/**
 * A workload of this data directory whose Instance is no longer stored (the store was restored from an older copy, say) is stopped, as
 * the kubelet does with pods it was not told of: nobody else ever would. Called once, when the store is healthy and was listed.
 */
export async function endOrphans(options: {
  client: Client;
  runtime: Runtime;
  ladder: StopLadder;
  logger: Logger;
  defaults: () => { stopSignal: StopSignal };
}): Promise<void> {
  const { client, runtime, ladder, logger } = options;
  // Of all nodes: a workload may belong to an Instance that another node name was written into.
  const { items } = await client.list(instances);
  const known = new Set(items.map((instance) => instance.metadata.uid));
  for (const process of runtime.list()) {
    if (known.has(process.uid)) continue;
    const { uid, run } = process;
    if (process.phase === "running" || process.treeAlive) {
      logger.warn("stopping a workload whose instance is no longer stored", { uid, pid: process.pid });
      ladder.begin({ uid, run, rungs: rungsOf({ signal: options.defaults().stopSignal }), graceMs: GRACE_MS });
      continue;
    }
    await runtime
      .forget(uid)
      .catch((error: unknown) => logger.warn("cannot forget an orphan", { uid, error: String(error) }));
  }
}
