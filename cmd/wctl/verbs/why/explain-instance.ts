import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import type { Facts } from "../../causes/cause.ts";
import { causeEntries } from "../../causes/cause-entries.ts";
import { accountAndLimits } from "../../text/account-and-limits.ts";
import { commandLine } from "../../text/command-line.ts";
import { labelledLines } from "../../text/labelled-lines.ts";
import { stateText } from "../../text/state-text.ts";
import { conditionLines, decisionEntries, sentence } from "./explanation-lines.ts";
import { lastChange } from "./last-change.ts";

/** Why one copy is as it is: the cause first, then the decision trace. What is as it should be is not listed. */
export function explainInstance(facts: Facts, now: Date): string[] {
  const { instance } = facts;
  const { metadata, spec, status } = instance;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller);
  const phase = metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "not looked at yet");
  const { entries, outputs, isTrouble } = causeEntries(undefined, [facts], false);
  const headline = sentence(`instance/${metadata.name} is ${phase}`, status?.decision?.message);
  return [
    headline,
    "",
    ...labelledLines([
      ...entries,
      ...outputs,
      ["Desired", metadata.deletionTimestamp ? "stopped" : `running: ${commandLine(spec)}`],
      ["Wanted by", owner ? `${owner.kind.toLowerCase()}/${owner.name} (revision ${spec.revision})` : undefined],
      ["Last change", lastChange(instance, now)],
      ["Observed", status?.state?.running || !isTrouble ? observedInstance(instance, now) : undefined],
      ...accountAndLimits([instance]),
      ["Before that", stateText(status?.lastState, now)],
      ["Restarts", restartText(instance)],
      ...decisionEntries(status?.decision, now, { said: headline }),
      ["Conditions", conditionLines(status?.conditions, now, [headline, ...entries.map(String)].join("\n"))],
    ]),
  ];
}

/** `pid 4711, ready; Running for 5m, …` */
export function observedInstance({ status }: Stored<Instance>, now: Date): string {
  const state = stateText(status?.state, now) ?? status?.phase ?? "nothing yet";
  const running = status?.state?.running !== undefined;
  return running ? `pid ${status?.pid ?? "?"}, ${status?.ready ? "ready" : "not ready"}; ${state}` : state;
}

function restartText({ spec, status }: Stored<Instance>): string {
  const failures = status?.backoff?.failures ?? 0;
  const counting = failures > 0 ? `${failures} failed ${failures === 1 ? "run" : "runs"} in a row, ` : "";
  return `${status?.restartCount ?? 0} (${counting}policy ${spec.restartPolicy ?? "Always"})`;
}
