import type { DaemonConfig } from "../../../api/types.generated.ts";
import { portRange } from "../../../controllers/instance/ports/port-numbers.ts";
import { type OutgoingPorts, takenByOthers } from "../../../runtime/ports/outgoing-ports.ts";

/** Why numbers of `ports.range` may be taken before a copy listens there, with what helps; undefined when they may not. */
export function portRangeProblem({ ports }: DaemonConfig, outgoing: OutgoingPorts | undefined): string | undefined {
  const range = portRange(ports?.range);
  const taken = outgoing && takenByOthers(range, outgoing);
  if (!outgoing || !taken) return undefined;
  const [low, high] = outgoing.range;
  return (
    `ports.range ${range.join("-")} has ports that the system gives to outgoing connections (${taken.join("-")} of ${low}-${high}), so one that a copy ` +
    `was given may be taken when it starts: choose another ports.range, or keep them free: ${outgoing.reserve(taken)}`
  );
}
