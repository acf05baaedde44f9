import type { Condition, Decision } from "../../../api/types.generated.ts";
import type { Entry } from "../describe/sheet.ts";
import { fromNow } from "../describe/state-text.ts";
import { age } from "../printers/age.ts";
import { plain } from "../printers/plain.ts";

export const sentence = (headline: string, because: string | undefined): string =>
  because ? `${headline}: ${plain(because)}` : `${headline}.`;

export const decisionEntries = (decision: Decision | undefined, now: Date): Entry[] =>
  decision
    ? [
        ["Rule", `${decision.rule}, since ${age(decision.time, now)}`],
        ["Because", decision.message || undefined],
        [
          "Next try",
          decision.nextTry ? `${fromNow(decision.nextTry, now)} (${decision.nextTry})` : "when something changes",
        ],
      ]
    : [["Rule", "none has fired yet: the controller has not looked at it"]];

export const conditionText = ({ type, status, reason, message, lastTransitionTime }: Condition, now: Date): string =>
  `${type} is ${status} for ${age(lastTransitionTime, now)}: ${reason}${message ? `: ${plain(message)}` : ""}`;
