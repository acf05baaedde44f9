import type { Client } from "../../../api/client.ts";
import { type NewCondition, setCondition } from "../../../api/conditions.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { nodes } from "../../../api/scheme.ts";
import type { Node, NodeStatus } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";

/** Makes the Node object of this machine, or brings it up to date. */
export async function registerNode(
  client: Client,
  name: string,
  nodeInfo: NonNullable<NodeStatus["nodeInfo"]>,
  clock: Clock,
): Promise<Stored<Node>> {
  try {
    await client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const ready: NewCondition = {
    type: "Ready",
    status: "True",
    reason: "AgentReady",
    message: "the agent is reconciling",
  };
  return setNodeCondition(client, name, ready, clock, { nodeInfo });
}

const MOST_CONFLICTS = 10;

/** Several writers share a Node's conditions: each reads, changes its own, and writes only over what it read. */
export async function setNodeCondition(
  client: Client,
  name: string,
  condition: NewCondition,
  clock: Clock,
  more: Partial<NodeStatus> = {},
): Promise<Stored<Node>> {
  for (let attempt = 0; ; attempt++) {
    const node = await client.get(nodes, name);
    const conditions = setCondition(node.status?.conditions ?? [], condition, clock.wall());
    try {
      return await client.updateStatus(nodes, { ...node, status: { ...node.status, ...more, conditions } });
    } catch (error) {
      if (!isConflict(error) || attempt >= MOST_CONFLICTS || isNotFound(error)) throw error;
    }
  }
}
