import { findCondition } from "../../../api/conditions.ts";
import type { Facts, Line } from "./cause.ts";

const readySays = (words: RegExp) => (facts: Facts) =>
  words.test(findCondition(facts.instance.status?.conditions, "Ready")?.message ?? "");

/** Why a program that runs is not ready, by the reason of its condition Ready, whose message has the words of the probe. */
export const UNREADY: readonly Line<Facts>[] = [
  {
    reason: "NotReady",
    also: readySays(/cannot be asked/),
    advice: "correct spec.readinessProbe: its command must be there, and the account of the program may run it",
  },
  {
    reason: "Starting",
    also: readySays(/cannot be asked/),
    advice: "correct spec.startupProbe: its command must be there, and the account of the program may run it",
  },
  {
    reason: "NotReady",
    also: readySays(/has not succeeded yet/),
    advice: "nothing yet: the probe has not been asked so far, or its first answer is still awaited",
  },
  {
    reason: "NotReady",
    also: readySays(/not by this instance/),
    advice: "end what is named there, or give the program another port in spec.ports",
  },
  {
    reason: "NotReady",
    also: readySays(/connection refused|actively refused/),
    advice:
      "nothing listens there: compare the port of spec.readinessProbe with the one that the program opens, which its output may tell",
  },
  { reason: "NotReady", advice: "see why the program answers so; wctl logs shows what it says" },
  {
    reason: "Starting",
    advice:
      "wait until it has come up; it is restarted when its startup probe has failed failureThreshold times in a row",
  },
  {
    reason: "ReloadFailed",
    advice:
      "correct the ConfigMap or Secret, or spec.configChange: it is told again when the content changes; wctl restart process/NAME starts it anew",
  },
  {
    reason: "StopFailed",
    advice:
      "something of its tree survives every kill: see it with ps or in the Task Manager; a restart of the machine ends it",
  },
];
