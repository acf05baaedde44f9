import type { Stored } from "../../../../api/object.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import { count } from "../../../../lib/wording.ts";
import { byIndex } from "../../input/owned.ts";
import { accountAndLimits } from "../../text/account-and-limits.ts";
import { age } from "../../text/age.ts";
import { commandLine } from "../../text/command-line.ts";
import { labelledLines } from "../../text/labelled-lines.ts";
import { isAhead } from "../../text/state-text.ts";
import { observedInstance } from "./explain-instance.ts";
import { conditionText, decisionEntries, sentence } from "./explanation-lines.ts";
import { lastChange } from "./last-change.ts";

/** The decision trace of a Process, from what was wanted to what comes next. */
export function explainProcess(process: Stored<Process>, copies: readonly Stored<Instance>[], now: Date): string[] {
  const { metadata, spec, status } = process;
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  const headline = `process/${metadata.name} is ${phaseOf(process)}`;
  return [
    sentence(headline, ready?.message),
    "",
    ...labelledLines([
      [
        "Desired",
        `${count(spec.replicas ?? 1, "instance")} of ${commandLine(spec)}${spec.paused ? ", rollout paused" : ""}`,
      ],
      ["Wanted since", `${age(metadata.creationTimestamp, now)} (generation ${metadata.generation ?? 1})`],
      ["Last change", lastChange(process, now)],
      ["Observed", observedText(process)],
      ...accountAndLimits(copies),
      ...decisionEntries(status?.decision, now, soonest(copies, now)),
      ["Conditions", (status?.conditions ?? []).map((condition) => conditionText(condition, now))],
      ["Instances", instanceLines(copies, now)],
    ]),
  ];
}

/** The next try of any copy: what a waiting Process waits for. */
const soonest = (copies: readonly Stored<Instance>[], now: Date): string | undefined =>
  copies
    .flatMap(({ status }) => status?.decision?.nextTry ?? [])
    .filter((time) => isAhead(time, now))
    .sort()
    .at(0);

const phaseOf = ({ metadata, status }: Stored<Process>): string =>
  metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "not looked at yet");

function observedText({ metadata, status }: Stored<Process>): string {
  const {
    observedGeneration = 0,
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = status ?? {};
  const counts = `${count(replicas, "instance")}: ${updatedReplicas} updated, ${readyReplicas} ready, ${availableReplicas} available`;
  const behind = observedGeneration < (metadata.generation ?? 0);
  return behind ? `${counts}; the last change (generation ${metadata.generation}) is not looked at yet` : counts;
}

const instanceLines = (copies: readonly Stored<Instance>[], now: Date): string[] =>
  labelledLines(
    copies
      .toSorted(byIndex)
      .map((copy) => [copy.metadata.name, [observedInstance(copy, now), ...decisionLine(copy)].join("\n")]),
  );

const decisionLine = ({ status }: Stored<Instance>): string[] =>
  status?.decision ? [`${status.decision.rule}${status.decision.message ? `: ${status.decision.message}` : ""}`] : [];
