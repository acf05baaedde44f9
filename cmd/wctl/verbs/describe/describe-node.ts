import { findCondition } from "../../../../api/conditions.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Instance, Node } from "../../../../api/types.generated.ts";
import { age } from "../../text/age.ts";
import { type Entry, labelledLines } from "../../text/labelled-lines.ts";
import type { Look } from "../../text/look.ts";
import { ruledTable } from "../../text/ruled-table.ts";
import { statusTone } from "../../text/tone.ts";
import { byPhase } from "./by-phase.ts";
import { conditionLines } from "./condition-lines.ts";
import { metadataEntries } from "./metadata-entries.ts";

/** A machine: whether its agent is heard, what it is, and what runs there. */
export function describeNode(node: Stored<Node>, copies: readonly Stored<Instance>[], look: Look): string[] {
  const { now, paint } = look;
  const { spec, status = {} } = node;
  const ready = findCondition(status.conditions, "Ready");
  const heard = status.conditions?.find(({ type }) => type === "Ready")?.lastHeartbeatTime;
  const word = ready?.status === "True" ? "Ready" : "NotReady";
  return labelledLines(
    [
      ...metadataEntries(node, now),
      ["Status", word, statusTone(word)],
      ["Last Report", heard && `${age(heard, now)} ago, at ${heard}`],
      ["Unschedulable", spec?.unschedulable],
      ["System Info", systemInfo(status.nodeInfo ?? {})],
      ["Conditions", conditionLines(status.conditions, look, undefined)],
      ["Instances", copies.length === 0 ? "<none>" : instanceTable(copies, look)],
    ],
    paint,
  );
}

const systemInfo = (info: NonNullable<NonNullable<Node["status"]>["nodeInfo"]>): string[] =>
  labelledLines([
    ["Operating System", [info.operatingSystem, info.architecture].filter(Boolean).join(", ") || undefined],
    ["OS Image", info.osImage],
    ["Kernel Version", info.kernelVersion],
    ["Wctl Version", info.wctlVersion],
    ["Runtime", info.runtime],
    ["Machine ID", info.machineID || undefined],
    ["Boot ID", info.bootID || undefined],
  ] satisfies Entry[]);

const instanceTable = (copies: readonly Stored<Instance>[], { now, paint }: Look): string[] =>
  ruledTable(
    ["Namespace", "Name", "Phase", "Restarts", "Pid", "Age"],
    copies.map(({ metadata, status }) => [
      metadata.namespace ?? "",
      metadata.name,
      metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "Pending"),
      String(status?.restartCount ?? 0),
      String(status?.pid ?? ""),
      age(metadata.creationTimestamp, now),
    ]),
    byPhase(paint),
  );
