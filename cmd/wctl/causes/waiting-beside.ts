import { stateText } from "../text/state-text.ts";
import type { Facts } from "./cause.ts";
import { causeOfInstance } from "./causes.ts";

/** What a copy waits for, beside the cause that tells why: without saying that again. Undefined when it does not wait, or nothing is wrong. */
export function waitingBeside(facts: Facts, now: Date): string | undefined {
  const { waiting } = facts.instance.status?.state ?? {};
  if (!waiting || !causeOfInstance(facts)) return undefined;
  const { message: _, ...rest } = waiting;
  return stateText({ waiting: rest }, now);
}
