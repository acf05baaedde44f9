import type { Condition, Decision } from "../../../../api/types.generated.ts";
import { age } from "../../text/age.ts";
import type { Entry } from "../../text/labelled-lines.ts";
import { plainLine } from "../../text/plain.ts";
import { fromNow, isAhead } from "../../text/state-text.ts";

export const sentence = (headline: string, because: string | undefined): string =>
  because ? `${headline}: ${plainLine(because)}` : `${headline}.`;

/** `said`: what the reader has read already; it is not told again. `otherTry`: when somebody else will try. */
export function decisionEntries(
  decision: Decision | undefined,
  now: Date,
  { said, otherTry }: { said: string; otherTry?: string | undefined },
): Entry[] {
  if (!decision) return [["Rule", "none has fired yet: the controller has not looked at it"]];
  const { rule, time, message = "" } = decision;
  const next = [decision.nextTry, otherTry].find((time) => isAhead(time, now));
  return [
    ["Rule", `${rule}, since ${age(time, now)}`],
    ["Because", message === "" || said.includes(plainLine(message)) ? undefined : plainLine(message)],
    ["Next try", next ? `${fromNow(next, now)} (${next})` : "when something changes"],
  ];
}

/** The good state of each condition that is told only when it is bad. Ready is in the headline. */
const GOOD: Record<string, Condition["status"]> = {
  Progressing: "True",
  Enforced: "True",
  Degraded: "False",
  Stalled: "False",
};

/** What is not as it should be. */
export const conditionLines = (conditions: readonly Condition[] | undefined, now: Date, said: string): string[] =>
  (conditions ?? [])
    .filter(({ type, status }) => type !== "Ready" && status !== GOOD[type])
    .map(({ type, status, reason, message, lastTransitionTime }) => {
      const news = message && !said.includes(plainLine(message)) ? `: ${plainLine(message)}` : "";
      return `${type} is ${status} for ${age(lastTransitionTime, now)}: ${reason}${news}`;
    });
