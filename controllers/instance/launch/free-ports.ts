import { tcpPortsOf } from "../../../api/instance-ports.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { type Runtime, StartError } from "../../../runtime/runtime.ts";

/** Where its own probes ask. */
const HOST = "127.0.0.1";

/**
 * Nothing of the copy lives yet, so whoever answers at one of its ports would be taken for it. Throws StartError that says who it is. Whoever comes
 * a moment later is found by its probes.
 */
export async function requireFreePorts(
  { metadata, spec }: Stored<Instance>,
  runtime: Pick<Runtime, "portOwner">,
  onTaken: (name: string) => void,
): Promise<void> {
  const missing = spec.ports?.find(({ port }) => port === undefined);
  if (missing) throw new StartError("PortInUse", `no number is left for the port ${missing.name}: widen ports.range`);
  for (const { name, port } of tcpPortsOf(spec)) {
    const owner = await runtime.portOwner(metadata.uid, port, HOST);
    if (owner.by === "nobody") continue;
    const who = owner.by === "other" ? owner.who : "a process that cannot be named";
    onTaken(name);
    throw new StartError("PortInUse", `the port ${name} (${port}) is in use by ${who}`);
  }
}
