import type { Condition, Decision } from "../../../../api/types.generated.ts";
import { age } from "../../text/age.ts";
import type { Entry } from "../../text/labelled-lines.ts";
import { plain } from "../../text/plain.ts";
import { fromNow, isAhead } from "../../text/state-text.ts";

export const sentence = (headline: string, because: string | undefined): string =>
  because ? `${headline}: ${plain(because)}` : `${headline}.`;

export function decisionEntries(decision: Decision | undefined, now: Date, otherTry?: string): Entry[] {
  if (!decision) return [["Rule", "none has fired yet: the controller has not looked at it"]];
  const next = [decision.nextTry, otherTry].find((time) => isAhead(time, now));
  return [
    ["Rule", `${decision.rule}, since ${age(decision.time, now)}`],
    ["Because", decision.message || undefined],
    ["Next try", next ? `${fromNow(next, now)} (${next})` : "when something changes"],
  ];
}

export const conditionText = ({ type, status, reason, message, lastTransitionTime }: Condition, now: Date): string =>
  `${type} is ${status} for ${age(lastTransitionTime, now)}: ${reason}${message ? `: ${plain(message)}` : ""}`;
