import type { Process } from "../../api/types.generated.ts";
import type { Replica } from "./replicas/replica.ts";
import type { Situation, Step } from "./situation.ts";

const DEFAULT_SECONDS = 30;
const declared = ({ stop }: Pick<Process["spec"], "stop">): number => stop?.gracePeriodSeconds ?? DEFAULT_SECONDS;

/**
 * A grace period that was lowered in the spec is meant for replicas too that are stopping already. A longer one that was given with the deletion
 * of a replica stays, as long as the template's has not been lowered.
 */
export const shortenGracePeriods = ({ process, replicas }: Pick<Situation, "process" | "replicas">): Step[] =>
  replicas
    .filter((replica) => isSlow(replica, declared(process.spec)))
    .map((replica) => shortenGrace(replica, declared(process.spec)));

function isSlow({ instance: { metadata, spec }, deleting }: Replica, graceSeconds: number): boolean {
  const own = declared(spec);
  return deleting && graceSeconds < own && graceSeconds < (metadata.deletionGracePeriodSeconds ?? own);
}

const shortenGrace = (replica: Replica, graceSeconds: number): Step => ({ do: "shorten-grace", replica, graceSeconds });
