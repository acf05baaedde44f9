import type { Instance, Probe } from "../../api/types.generated.ts";
import type { ProbeSet, ProbeSpec } from "../../runtime/probes/prober.ts";

/** The manifest's probes with Kubernetes' defaults filled in (admission has done so already; an older object may lack some). */
export function probeSetOf(spec: Instance["spec"]): ProbeSet {
  const set: ProbeSet = {};
  if (spec.startupProbe) set.startup = probeSpec(spec.startupProbe);
  if (spec.readinessProbe) set.readiness = probeSpec(spec.readinessProbe);
  if (spec.livenessProbe) set.liveness = probeSpec(spec.livenessProbe);
  return set;
}

const probeSpec = (probe: Probe): ProbeSpec => ({
  ...probe,
  initialDelaySeconds: probe.initialDelaySeconds ?? 0,
  periodSeconds: probe.periodSeconds ?? 10,
  timeoutSeconds: probe.timeoutSeconds ?? 1,
  successThreshold: probe.successThreshold ?? 1,
  failureThreshold: probe.failureThreshold ?? 3,
});
