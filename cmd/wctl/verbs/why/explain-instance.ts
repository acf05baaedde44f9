import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { accountAndLimits } from "../../text/account-and-limits.ts";
import { commandLine } from "../../text/command-line.ts";
import { labelledLines } from "../../text/labelled-lines.ts";
import { stateText } from "../../text/state-text.ts";
import { conditionText, decisionEntries, sentence } from "./explanation-lines.ts";
import { lastChange } from "./last-change.ts";

/** The decision trace of one running copy. */
export function explainInstance(instance: Stored<Instance>, now: Date): string[] {
  const { metadata, spec, status } = instance;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller);
  const phase = metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "not looked at yet");
  return [
    sentence(`instance/${metadata.name} is ${phase}`, status?.decision?.message),
    "",
    ...labelledLines([
      ["Desired", metadata.deletionTimestamp ? "stopped" : `running: ${commandLine(spec)}`],
      ["Wanted by", owner ? `${owner.kind.toLowerCase()}/${owner.name} (revision ${spec.revision})` : undefined],
      ["Last change", lastChange(instance, now)],
      ["Observed", observedInstance(instance, now)],
      ...accountAndLimits([instance]),
      ["Before that", stateText(status?.lastState, now)],
      ["Restarts", restartText(instance)],
      ...decisionEntries(status?.decision, now),
      ["Conditions", (status?.conditions ?? []).map((condition) => conditionText(condition, now))],
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
