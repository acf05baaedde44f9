import { findCondition } from "../../../api/conditions.ts";
import { isNotFound } from "../../../api/errors.ts";
import { nodes } from "../../../api/scheme.ts";
import { sleep } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import { agentReady, setNodeCondition } from "./node-conditions.ts";
import { NodeLease, type NodeLeaseOptions } from "./node-lease.ts";
import { type NodeFacts, registerNode } from "./node-registration.ts";

/** `client`: in the name of the node. */
export interface NodeHeartbeatOptions extends NodeLeaseOptions {
  /** As they are now: a machine gets other addresses. */
  nodeFacts: () => NodeFacts;
  logger: Logger;
  /** From 0 to below 1; spreads the heartbeats of many nodes. */
  random: () => number;
}

/** A quarter of the Lease, as the kubelet's. */
const RENEW_MS = 10_000;
/** An unchanged status is written once in this time (the kubelet's `nodeStatusReportFrequency`). */
const REPORT_MS = 300_000;

/** Shows that this node lives: renews its Lease, and looks whether its Node says so. */
export class NodeHeartbeat {
  readonly name = "node heartbeat";
  readonly #options: NodeHeartbeatOptions;
  readonly #lease: NodeLease;
  #reportedMs: number;
  #failed = false;

  /** Right after the Node was registered. */
  constructor(options: NodeHeartbeatOptions) {
    this.#options = options;
    this.#lease = new NodeLease(options);
    this.#reportedMs = options.clock.now();
  }

  /** Begins at once; resolves when the signal has aborted and the running time is written down once more. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      await this.#attempt();
      await sleep(clock, RENEW_MS * (0.96 + 0.08 * random()), signal).catch(() => {});
    }
    await this.#lease.renew().catch(() => {}); // The store may be full: then the next daemon knows a few seconds less.
  }

  /** A store that takes no writes for a while is reported once. */
  async #attempt(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#lease.renew();
      await this.#report();
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) logger.warn("the heartbeat of the node was not written", { error: String(error) });
      this.#failed = true;
    }
  }

  /** Writes when somebody took the node for dead, and once in a while. A Node that was deleted comes back: its agent lives. */
  async #report(): Promise<void> {
    const { client, nodeName, nodeFacts, clock, logger } = this.#options;
    try {
      const { status } = await client.get(nodes, nodeName);
      const isReady = findCondition(status?.conditions, agentReady.type)?.status === agentReady.status;
      if (isReady && clock.now() - this.#reportedMs < REPORT_MS) return;
      await setNodeCondition(client, nodeName, agentReady, clock, nodeFacts());
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await registerNode(client, nodeName, nodeFacts(), clock);
      logger.info("the node was deleted, and is registered anew: its agent lives", { node: nodeName });
    }
    this.#reportedMs = clock.now();
  }
}
