import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import { and, type Family, gauge, type Labels, labels, type Sample } from "./exposition.ts";

/** What kube-state-metrics tells of a Deployment. */
export function* processFamilies(processes: readonly Stored<Process>[]): Generator<Family> {
  const each = (value: (process: Stored<Process>) => number): Sample[] =>
    processes.map((process) => ({ labels: labelsOf(process), value: value(process) }));

  yield gauge(
    "wctl_process_spec_replicas",
    "Copies that are wanted.",
    each(({ spec }) => spec.replicas ?? 1),
  );
  yield gauge(
    "wctl_process_spec_suspend",
    "1 while it is kept stopped.",
    each(({ spec }) => Number(spec.suspend === true)),
  );
  yield gauge(
    "wctl_process_spec_paused",
    "1 while its rollout is paused.",
    each(({ spec }) => Number(spec.paused === true)),
  );
  yield gauge(
    "wctl_process_status_replicas",
    "Copies that are there.",
    each(({ status }) => status?.replicas ?? 0),
  );
  yield gauge(
    "wctl_process_status_replicas_ready",
    "Copies that are ready.",
    each(({ status }) => status?.readyReplicas ?? 0),
  );
  yield gauge(
    "wctl_process_status_replicas_available",
    "Copies that have been ready for minReadySeconds.",
    each(({ status }) => status?.availableReplicas ?? 0),
  );
  yield gauge(
    "wctl_process_status_replicas_updated",
    "Copies of the present template.",
    each(({ status }) => status?.updatedReplicas ?? 0),
  );
  yield gauge(
    "wctl_process_status_condition",
    "1 while the condition is True: Ready, Progressing, Degraded, Stalled.",
    processes.flatMap((process) =>
      (process.status?.conditions ?? []).map(({ type, status }) => ({
        labels: and(labelsOf(process), "condition", type),
        value: Number(status === "True"),
      })),
    ),
  );
}

const labelsOf = ({ metadata }: Stored<Process>): Labels =>
  labels({ namespace: metadata.namespace ?? "default", process: metadata.name });
