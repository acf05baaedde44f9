import type { Stored } from "../../../../api/object.ts";
import type { Condition, Decision, Instance, Process, ProcessStatus } from "../../../../api/types.generated.ts";
import { count } from "../../../../lib/wording.ts";
import type { Facts } from "../../causes/cause.ts";
import { causeEntries } from "../../causes/cause-entries.ts";
import { causeOfProcess } from "../../causes/causes.ts";
import { waitingBeside } from "../../causes/waiting-beside.ts";
import { accountAndLimits } from "../../text/account-and-limits.ts";
import { age } from "../../text/age.ts";
import { commandLine } from "../../text/command-line.ts";
import { labelledLines } from "../../text/labelled-lines.ts";
import { isAhead } from "../../text/state-text.ts";
import { observedInstance } from "./explain-instance.ts";
import { conditionLines, decisionEntries, sentence } from "./explanation-lines.ts";
import { lastChange } from "./last-change.ts";

/** Why a Process is as it is: the causes first, then the way from what was wanted to what comes next. What is as it should be is not listed. */
export function explainProcess(process: Stored<Process>, facts: readonly Facts[], now: Date): string[] {
  const { metadata, spec, status } = process;
  const copies = facts.map(({ instance }) => instance);
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  const wanted = spec.replicas ?? 1;
  const { entries, outputs, isTrouble } = causeEntries(causeOfProcess(process), facts, true);
  const tally = `${status?.readyReplicas ?? 0} of ${count(wanted, "instance")} ready`;
  const headline = sentence(`process/${metadata.name} is ${phaseOf(process)}`, isTrouble ? tally : ready?.message);
  const said = [headline, ...entries.map(String)].join("\n");
  return [
    headline,
    "",
    ...labelledLines([
      ...entries,
      ...outputs,
      ["Desired", `${count(wanted, "instance")} of ${commandLine(spec)}${spec.paused ? ", rollout paused" : ""}`],
      ["Wanted since", `${age(metadata.creationTimestamp, now)} (generation ${metadata.generation ?? 1})`],
      ["Last change", lastChange(process, now)],
      ["New content", newContent(process)],
      ["Observed", observedText(process)],
      ...accountAndLimits(copies),
      ...decisionEntries(isTrouble ? unlessWaiting(status?.decision) : status?.decision, now, {
        otherTry: soonest(copies, now),
        said,
      }),
      ["Conditions", conditionLines(isTrouble ? withoutDegraded(status) : status?.conditions, now, said)],
      [
        "Instances",
        labelledLines(
          facts.map((one) => [
            one.instance.metadata.name,
            waitingBeside(one, now) ?? observedInstance(one.instance, now),
          ]),
        ),
      ],
    ]),
  ];
}

/** What made the present revision, when it was no change of the template. */
const newContent = ({ status }: Stored<Process>): string | undefined =>
  status?.content?.changed === undefined ? undefined : `${status.content.changed} changed since the template did`;

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

/** The causes have said it: which copies it waits for. */
const unlessWaiting = (decision: Decision | undefined): Decision | undefined =>
  decision?.rule === "WaitingForAvailable" ? { ...decision, message: "" } : decision;

/** The causes have said it: which copies fail, and how. */
const withoutDegraded = (status: ProcessStatus | undefined): Condition[] =>
  (status?.conditions ?? []).filter(({ type }) => type !== "Degraded");
