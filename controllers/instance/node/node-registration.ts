import type { Client } from "../../../api/client.ts";
import { isAlreadyExists } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { nodes } from "../../../api/scheme.ts";
import type { Node, NodeStatus } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import { agentReady, setNodeCondition } from "./node-conditions.ts";

/** What a Node says of its machine. */
export type NodeFacts = Pick<NodeStatus, "nodeInfo" | "capacity" | "allocatable" | "addresses">;

/** Makes the Node object of this machine, or brings it up to date. */
export async function registerNode(
  client: Client,
  name: string,
  facts: NodeFacts,
  clock: Clock,
): Promise<Stored<Node>> {
  try {
    await client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return setNodeCondition(client, name, agentReady, clock, facts);
}
