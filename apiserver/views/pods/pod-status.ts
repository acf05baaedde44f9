import { findCondition } from "../../../api/conditions.ts";
import type { Stored } from "../../../api/object.ts";
import { mainContainer } from "../../../api/pods.ts";
import type { Instance, PodCondition, PodStatus } from "../../../api/types.generated.ts";
import { containerIdOf, containerStatesOf } from "./container-state.ts";
import { type PodPhase, podPhaseOf } from "./pod-phase.ts";

/** How an Instance is, in the words of a Pod. */
export function podStatusOf(instance: Stored<Instance>, address: string | undefined): PodStatus {
  const { metadata, spec, status = {} } = instance;
  const phase = podPhaseOf(instance);
  const containerID = containerIdOf(instance);
  return {
    phase,
    conditions: conditionsOf(instance, phase),
    ...(address !== undefined && {
      hostIP: address,
      hostIPs: [{ ip: address }],
      podIP: address,
      podIPs: [{ ip: address }],
    }),
    startTime: metadata.creationTimestamp,
    containerStatuses: [
      {
        name: mainContainer,
        ...containerStatesOf(instance),
        ready: status.ready ?? false,
        started: status.started ?? false,
        restartCount: status.restartCount ?? 0,
        image: spec.command,
        imageID: "",
        ...(containerID !== undefined && { containerID }),
      },
    ],
    qosClass: qosClassOf(spec),
  };
}

/** That an Instance has its node is so from the beginning. */
function conditionsOf(instance: Stored<Instance>, phase: PodPhase): PodCondition[] {
  const { creationTimestamp } = instance.metadata;
  const readiness = readinessOf(instance, phase);
  const since = (type: PodCondition["type"], rest: Omit<PodCondition, "type" | "lastProbeTime">): PodCondition => ({
    type,
    lastProbeTime: null,
    ...rest,
  });
  const always = { status: "True", lastTransitionTime: creationTimestamp } as const;
  return [
    since("PodScheduled", always),
    since("Initialized", always),
    since("ContainersReady", readiness),
    since("Ready", readiness),
  ];
}

/** The reason is Kubernetes', for programs; the message is the agent's own, for people. */
function readinessOf(
  { metadata, status }: Stored<Instance>,
  phase: PodPhase,
): Omit<PodCondition, "type" | "lastProbeTime"> {
  const said = findCondition(status?.conditions, "Ready");
  const lastTransitionTime = said?.lastTransitionTime ?? metadata.creationTimestamp;
  if (status?.ready) return { status: "True", lastTransitionTime };
  const reasons = { Succeeded: "PodCompleted", Failed: "PodFailed", Pending: undefined, Running: undefined };
  return {
    status: "False",
    lastTransitionTime,
    reason: reasons[phase] ?? "ContainersNotReady",
    ...(said && { message: said.message }),
  };
}

/** As Kubernetes classes Pods, by what limits them. */
function qosClassOf({ resources: { limits: { cpu, memory } = {} } = {} }: Instance["spec"]): PodStatus["qosClass"] {
  if (cpu === undefined && memory === undefined) return "BestEffort";
  return cpu === undefined || memory === undefined ? "Burstable" : "Guaranteed";
}
