import { findCondition } from "../../../../api/conditions.ts";
import type { Usage } from "../../../../api/metrics.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Instance, Process } from "../../../../api/types.generated.ts";
import { formatBytes } from "../../../../lib/quantity.ts";
import { age } from "../../text/age.ts";
import { commandLine } from "../../text/command-line.ts";
import { indented, labelledLines } from "../../text/labelled-lines.ts";
import { plain } from "../../text/plain.ts";
import { cpuTime, imageOf, treeRows } from "../../text/process-tree.ts";
import { stateText } from "../../text/state-text.ts";

/** The state of a Process, since when, and why. */
export function processHead(process: Stored<Process>, now: Date): string[] {
  const { metadata, spec, status } = process;
  const phase = metadata.deletionTimestamp
    ? "Terminating"
    : (status?.phase ?? (spec.replicas === 0 ? "Scaled to 0" : "Pending"));
  const ready = findCondition(status?.conditions, "Ready");
  const since = ready ? `, since ${ready.lastTransitionTime} (${age(ready.lastTransitionTime, now)})` : "";
  return [
    `process/${metadata.name}: ${phase}`,
    ...indented(
      labelledLines([
        ["Program", commandLine(spec)],
        ["Ready", `${status?.readyReplicas ?? 0} of ${spec.replicas ?? 1}${since}`],
        ["Restarts", status?.restartCount ?? 0],
        ["Reason", ready && ready.status !== "True" ? ready.message : status?.decision?.message],
      ]),
    ),
  ];
}

/** How one copy is, what it uses, its process tree, and its last lines. `usage` is absent when nothing of it runs. */
export function instanceBlock(
  { metadata, spec, status }: Stored<Instance>,
  usage: Usage | undefined,
  tail: readonly string[],
  now: Date,
): string[] {
  const phase = metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "Pending");
  const running = status?.state?.running !== undefined;
  return [
    `instance/${metadata.name}: ${phase}`,
    ...indented(
      labelledLines([
        ["State", stateText(status?.state, now)],
        ["Before", stateText(status?.lastState, now)],
        ["Reason", running && status?.ready ? undefined : status?.decision?.message],
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
