import { cpus, hostname, networkInterfaces, totalmem } from "node:os";
import type { NodeFacts } from "../../../controllers/instance/node/node-registration.ts";
import { formatQuantity } from "../../../lib/quantity.ts";
import type { MachineIdentity } from "./machine-identity.ts";
import { nodeInfo } from "./node-info.ts";

/** What the Node object says of this machine, as it is now. */
export function nodeFacts(runtime: string, machine: MachineIdentity): NodeFacts {
  const has = { cpu: String(cpus().length), memory: formatQuantity(totalmem(), "BinarySI") };
  const address = addressOf(networkInterfaces());
  return {
    nodeInfo: nodeInfo(runtime, machine),
    capacity: has,
    allocatable: has,
    addresses: [
      ...(address === undefined ? [] : [{ type: "InternalIP", address }]),
      { type: "Hostname", address: hostname() },
    ],
  };
}

/** The first that others can reach: of IPv4, else of IPv6. A machine without a network has its loopback. */
export function addressOf(interfaces: ReturnType<typeof networkInterfaces>): string | undefined {
  const all = Object.values(interfaces).flatMap((addresses = []) => addresses);
  const outside = all.filter(({ internal, scopeid }) => !internal && !scopeid);
  const best = [outside, all].flatMap((some) => [
    some.find(({ family }) => family === "IPv4"),
    some.find(({ family }) => family === "IPv6"),
  ]);
  return best.find((one) => one !== undefined)?.address;
}
