import type { Instance, Probe } from "../../../api/types.generated.ts";
import type { HttpHeaderSpec, ProbeSet, ProbeSpec } from "../../../runtime/probes/prober.ts";

type HttpHeader = NonNullable<NonNullable<Probe["httpGet"]>["httpHeaders"]>[number];
/** Undefined: the header is left out. Throws when the value is not known yet. */
type HeaderValue = (header: HttpHeader) => string | undefined;

/** The manifest's probes with Kubernetes' defaults filled in (admission has done so already; an older object may lack some). */
export function probeSetOf(spec: Instance["spec"], contentOf: HeaderValue): ProbeSet {
  const set: ProbeSet = {};
  if (spec.startupProbe) set.startup = probeSpec(spec.startupProbe, contentOf);
  if (spec.readinessProbe) set.readiness = probeSpec(spec.readinessProbe, contentOf);
  if (spec.livenessProbe) set.liveness = probeSpec(spec.livenessProbe, contentOf);
  return set;
}

const probeSpec = ({ httpGet, ...probe }: Probe, contentOf: HeaderValue): ProbeSpec => ({
  ...probe,
  ...(httpGet && { httpGet: { ...httpGet, httpHeaders: headersOf(httpGet.httpHeaders ?? [], contentOf) } }),
  initialDelaySeconds: probe.initialDelaySeconds ?? 0,
  periodSeconds: probe.periodSeconds ?? 10,
  timeoutSeconds: probe.timeoutSeconds ?? 1,
  successThreshold: probe.successThreshold ?? 1,
  failureThreshold: probe.failureThreshold ?? 3,
});

/** The value of a Secret is read when it is sent, so no copy of the manifest holds it. */
const headersOf = (headers: readonly HttpHeader[], contentOf: HeaderValue): HttpHeaderSpec[] =>
  headers.map((header) => ({
    name: header.name,
    value: header.valueFrom ? () => contentOf(header) : (header.value ?? ""),
  }));
