import type { Process } from "../../../api/types.generated.ts";
import type { Situation, Step } from "../situation.ts";
import type { Copy } from "./replica.ts";

const DEFAULT_SECONDS = 30;
const declared = ({ stop }: Pick<Process["spec"], "stop">): number => stop?.gracePeriodSeconds ?? DEFAULT_SECONDS;

/**
 * Copies that are stopping with more time than the edited spec gives: a grace period that was lowered is meant for them too. One that was
 * given with a deletion, and is longer than the template's, is left alone while the template says what it said.
 */
export const hurried = ({ process, copies }: Pick<Situation, "process" | "copies">): Step[] =>
  copies.filter((copy) => isSlow(copy, declared(process.spec))).map((copy) => hurry(copy, declared(process.spec)));

function isSlow({ instance: { metadata, spec }, deleting }: Copy, graceSeconds: number): boolean {
  const own = declared(spec);
  return deleting && graceSeconds < own && graceSeconds < (metadata.deletionGracePeriodSeconds ?? own);
}

const hurry = (copy: Copy, graceSeconds: number): Step => ({ do: "hurry", copy, graceSeconds });
