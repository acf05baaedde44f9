import { stderr } from "node:process";
import type { Agent } from "../../../controllers/instance/agent.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { Shutdown } from "./shutdown.ts";

/**
 * Stops all workloads, within `budgetMs` when that is given. Resolves with the exit code of the daemon: 1 when something is left running, or
 * when somebody does not want to wait.
 */
export async function stopWorkloads(parts: {
  agent: Agent;
  shutdown: Shutdown;
  budgetMs: number | undefined;
  logger: Logger;
}): Promise<number> {
  const { agent, shutdown, budgetMs, logger } = parts;
  logger.info("stopping the workloads");
  const insisted = shutdown.insist.then(() => "insisted" as const);
  const left = await Promise.race([agent.shutdown(budgetMs), insisted]);
  if (left === "insisted") {
    logger.warn("asked twice to stop: leaving workloads as they are");
    return 1;
  }
  for (const workload of left) {
    logger.error("left running", { workload });
    stderr.write(`wctld: left running: ${workload}\n`);
  }
  return left.length === 0 ? 0 : 1;
}
