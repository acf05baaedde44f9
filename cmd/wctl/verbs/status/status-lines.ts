import { findCondition } from "../../../../api/conditions.ts";
import type { Usage } from "../../../../api/metrics.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Process } from "../../../../api/types.generated.ts";
import { formatBytes } from "../../../../lib/quantity.ts";
import type { Facts } from "../../causes/cause.ts";
import { causeEntries } from "../../causes/cause-entries.ts";
import { causeOfProcess } from "../../causes/causes.ts";
import { waitingBeside } from "../../causes/waiting-beside.ts";
import { age } from "../../text/age.ts";
import { commandLine } from "../../text/command-line.ts";
import { indented, labelledLines } from "../../text/labelled-lines.ts";
import type { Look } from "../../text/look.ts";
import { plain } from "../../text/plain.ts";
import { cpuTime, imageOf, treeRows } from "../../text/process-tree.ts";
import { stateText } from "../../text/state-text.ts";
import { inTone, statusTone } from "../../text/tone.ts";

/** The state of a Process, since when, and why: the causes, or what its controller waits for. */
export function processHead(process: Stored<Process>, facts: readonly Facts[], { now, paint }: Look): string[] {
  const { metadata, spec, status } = process;
  const phase = plain(
    metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? (spec.replicas === 0 ? "Stopped" : "Pending")),
  );
  const ready = findCondition(status?.conditions, "Ready");
  const since = ready ? `, since ${ready.lastTransitionTime} (${age(ready.lastTransitionTime, now)})` : "";
  const { entries, isTrouble } = causeEntries(causeOfProcess(process), facts, true);
  const reason = ready && ready.status !== "True" ? ready.message : status?.decision?.message;
  return [
    `process/${metadata.name}: ${inTone(paint, statusTone(phase), phase)}`,
    ...indented(
      labelledLines([
        ["Program", commandLine(spec)],
        ["Ready", `${status?.readyReplicas ?? 0} of ${spec.replicas ?? 1}${since}`],
        ["Restarts", status?.restartCount ?? 0],
        ["Reason", isTrouble ? undefined : reason],
        ...entries,
      ]),
    ),
  ];
}

export interface Copy {
  facts: Facts;
  /** Absent when nothing of it runs. */
  usage: Usage | undefined;
  tail: readonly string[];
}

/** How one copy is, what it uses, its process tree, and its last lines. `isAlone`: nobody has told its cause yet. */
export function instanceBlock({ facts, usage, tail }: Copy, isAlone: boolean, { now, paint }: Look): string[] {
  const { metadata, spec, status } = facts.instance;
  const phase = metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "Pending");
  const running = status?.state?.running !== undefined;
  const { entries, isTrouble } = causeEntries(undefined, [facts], false);
  return [
    `instance/${metadata.name}: ${inTone(paint, statusTone(phase), phase)}`,
    ...indented(
      labelledLines([
        ...(isAlone ? entries : []),
        ["State", waitingBeside(facts, now) ?? stateText(status?.state, now)],
        ["Before", stateText(status?.lastState, now)],
        ["Reason", isTrouble || (running && status?.ready) ? undefined : status?.decision?.message],
        ["Run", status?.run],
        ["Account", running ? status?.account : undefined],
        ["Uses", usage && usesText(usage)],
        ["Tree", usage && treeLines(usage, status?.pid, commandLine(spec))],
        ["Output", tail],
      ]),
    ),
  ];
}

const usesText = ({ cpu, cpuSeconds, memoryBytes, processes, handles }: Usage): string =>
  `${Math.ceil(cpu * 1000 - 1e-9)}m of a processor (${cpuTime(cpuSeconds)} so far), ${formatBytes(memoryBytes)}, ${processes} ${processes === 1 ? "process" : "processes"}, ${handles} handles`;

function treeLines({ tree = [] }: Usage, main: number | undefined, line: string): string[] {
  return treeRows(tree).map(
    ({ lead, member }) => `${lead}${member.pid} ${member.pid === main ? plain(line) : imageOf(member)}`,
  );
}
