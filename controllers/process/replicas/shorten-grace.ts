import type { Process } from "../../../api/types.generated.ts";
import type { Situation, Step } from "../situation.ts";
import type { Replica } from "./replica.ts";

const DEFAULT_SECONDS = 30;
const declared = ({ stop }: Pick<Process["spec"], "stop">): number => stop?.gracePeriodSeconds ?? DEFAULT_SECONDS;

/**
 * Replicas that are stopping with more time than the edited spec gives: a grace period that was lowered is meant for them too. One that was
 * given with a deletion, and is longer than the template's, is left alone while the template says what it said.
 */
export const shortened = ({ process, replicas }: Pick<Situation, "process" | "replicas">): Step[] =>
  replicas
    .filter((replica) => isSlow(replica, declared(process.spec)))
    .map((replica) => shortenGrace(replica, declared(process.spec)));

function isSlow({ instance: { metadata, spec }, deleting }: Replica, graceSeconds: number): boolean {
  const own = declared(spec);
  return deleting && graceSeconds < own && graceSeconds < (metadata.deletionGracePeriodSeconds ?? own);
}

const shortenGrace = (replica: Replica, graceSeconds: number): Step => ({ do: "shorten-grace", replica, graceSeconds });
