import type { TestContext } from "node:test";
import type { Client } from "../../../api/client.ts";
import { findCondition } from "../../../api/conditions.ts";
import type { InstanceStatus, Process } from "../../../api/types.generated.ts";
import { Cluster, FakeAgent } from "../../machinery/cluster.ts";
import { processController } from "./controller.ts";

/** The controller of Processes over an API in memory, with an agent that makes of each copy what it is told to. */
export async function setUp(t: TestContext, wrap?: (client: Client) => Client) {
  const cluster = await Cluster.open(t, wrap);
  const { client } = cluster;
  const { controller, informers } = processController(cluster);
  const agent = new FakeAgent(cluster, informers.instances);
  await cluster.start();
  return { cluster, agent, controller, client };
}

/** A condition as `status reason: message`. */
export const said = (process: Process | undefined, type: string): string => {
  const condition = findCondition(process?.status?.conditions, type);
  return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
};
export const ready = { phase: "Ready", ready: true, started: true } as const;
/** As a program that ends every second: it runs in its even runs, and waits in its odd ones. */
export const flapping = (run: number): InstanceStatus =>
  run % 2 === 0
    ? { ...ready, backoff: { failures: run } }
    : { phase: "Backoff", ready: false, backoff: { failures: run } };
export const pending = { phase: "Running", ready: false, started: true } as const;
