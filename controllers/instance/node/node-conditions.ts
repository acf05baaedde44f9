import type { Client } from "../../../api/client.ts";
import { type NewCondition, setCondition, timestamp } from "../../../api/conditions.ts";
import { isConflict, isNotFound } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { nodes } from "../../../api/scheme.ts";
import type { Node, NodeCondition, NodeStatus } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";

/** While the agent works. */
export const agentReady: NewCondition = {
  type: "Ready",
  status: "True",
  reason: "AgentReady",
  message: "the agent is reconciling",
};

const MOST_CONFLICTS = 10;

/**
 * Sets a condition of a Node and its heartbeat time. Several writers share a Node's conditions: each reads, changes its own, and writes
 * only over what it read. Rejects with NotFound when the Node is gone.
 */
export async function setNodeCondition(
  client: Client,
  name: string,
  condition: NewCondition,
  clock: Clock,
  more: Partial<NodeStatus> = {},
): Promise<Stored<Node>> {
  for (let attempt = 0; ; attempt++) {
    const node = await client.get(nodes, name);
    const conditions = heard(setCondition(node.status?.conditions ?? [], condition, clock.wall()), condition, clock);
    try {
      return await client.updateStatus(nodes, { ...node, status: { ...node.status, ...more, conditions } });
    } catch (error) {
      if (!isConflict(error) || attempt >= MOST_CONFLICTS || isNotFound(error)) throw error;
    }
  }
}

const heard = (conditions: readonly NodeCondition[], { type }: NewCondition, clock: Clock): NodeCondition[] =>
  conditions.map((one) => (one.type === type ? { ...one, lastHeartbeatTime: timestamp(clock.wall()) } : one));
