import type { Stored } from "../../../../api/object.ts";
import type { ControllerRevision, Home, Instance, Process } from "../../../../api/types.generated.ts";
import { roundBytes } from "../../../../lib/quantity.ts";
import { byIndex } from "../../input/owned.ts";
import { accountAndLimits } from "../../text/account-and-limits.ts";
import { age } from "../../text/age.ts";
import { type Entry, labelledLines } from "../../text/labelled-lines.ts";
import type { Look } from "../../text/look.ts";
import { ruledTable } from "../../text/ruled-table.ts";
import { decisionText, stateText } from "../../text/state-text.ts";
import { templateEntries } from "../../text/template-entries.ts";
import { statusTone } from "../../text/tone.ts";
import { byPhase } from "./by-phase.ts";
import { conditionLines } from "./condition-lines.ts";
import { metadataEntries } from "./metadata-entries.ts";

export interface Owned {
  copies: readonly Stored<Instance>[];
  history: readonly Stored<ControllerRevision>[];
  /** Those that nobody uses, of this Process and of earlier ones of its name. */
  retained: readonly Stored<Home>[];
}

export function describeProcess(process: Stored<Process>, { copies, history, retained }: Owned, look: Look): string[] {
  const { now, paint } = look;
  const { spec, status } = process;
  const entries: Entry[] = [
    ...metadataEntries(process, now),
    ["Status", status?.phase, statusTone(status?.phase)],
    ["Replicas", replicasText(process)],
    ["Revision", status?.currentRevision],
    ["Strategy", strategyText(process)],
    ["Paused", spec.paused || undefined],
    ["Config Change", configChangeText(process)],
    ...templateEntries(spec),
    ...accountAndLimits(copies),
    ["Decision", decisionText(status?.decision, now)],
    ["Conditions", conditionLines(status?.conditions, look, status?.decision?.message)],
    ["History", history.length > 0 ? historyLines(history, now) : "<none>"],
    ["Retained Homes", retained.length > 0 ? homeLines(retained, process, now) : undefined],
    ["Instances", copies.length > 0 ? instanceLines(copies, look) : "<none>"],
  ];
  return labelledLines(entries, paint);
}

function replicasText({ spec, status = {} }: Stored<Process>): string {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, readyReplicas = 0 } = status;
  return `${spec.replicas ?? 1} desired | ${updatedReplicas} updated | ${replicas} total | ${readyReplicas} ready | ${availableReplicas} available`;
}

/** What a change of ConfigMaps and Secrets does, where it says so, and which it has not done. */
function configChangeText({ spec: { configChange }, status }: Stored<Process>): string | undefined {
  const { action = "RollingUpdate", signal, exec } = configChange ?? {};
  const how = signal ?? exec?.command.join(" ");
  const outdated = status?.content?.outdated;
  const texts = [
    ...(configChange ? [how === undefined ? action : `${action} (${how})`] : []),
    ...(outdated === undefined ? [] : [`${outdated} changed since the copies were made`]),
  ];
  return texts.length > 0 ? texts.join("; ") : undefined;
}

function strategyText({ spec: { strategy } }: Stored<Process>): string | undefined {
  if (strategy?.type !== "RollingUpdate") return strategy?.type;
  const { maxUnavailable = 1, maxSurge = 0 } = strategy.rollingUpdate ?? {};
  return `RollingUpdate (${maxUnavailable} max unavailable, ${maxSurge} max surge)`;
}

const instanceLines = (instances: readonly Stored<Instance>[], { now, paint }: Look): string[] =>
  ruledTable(
    ["Name", "Phase", "Ready", "Restarts", "Pid", "Age", "Last State"],
    instances
      .toSorted(byIndex)
      .map(({ metadata, status }) => [
        metadata.name,
        status?.phase ?? "Pending",
        status?.ready ? "yes" : "no",
        String(status?.restartCount ?? 0),
        String(status?.pid ?? "-"),
        age(metadata.creationTimestamp, now),
        stateText(status?.lastState, now) ?? "",
      ]),
    byPhase(paint),
  );

const homeLines = (homes: readonly Stored<Home>[], { metadata: { uid } }: Stored<Process>, now: Date): string[] =>
  ruledTable(
    ["Name", "Of", "Runs", "Size", "Unused For"],
    homes.map(({ metadata, spec, status: { runs, sizeBytes, sizeIsPartial, releasedAt } }) => [
      metadata.name,
      spec.owner === uid ? "a copy that was scaled away" : "an earlier process of this name",
      String(runs),
      `${sizeIsPartial ? "more than " : ""}${roundBytes(sizeBytes)}`,
      releasedAt === undefined ? "" : age(releasedAt, now),
    ]),
  );

const historyLines = (history: readonly Stored<ControllerRevision>[], now: Date): string[] =>
  ruledTable(
    ["Number", "Revision", "Age"],
    history
      .toSorted((a, b) => a.revision - b.revision)
      .map(({ revision, metadata }) => [String(revision), metadata.name, age(metadata.creationTimestamp, now)]),
  );
