import { portsOf, tcpPortsOf } from "../../../api/instance-ports.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance, Probe } from "../../../api/types.generated.ts";
import type { HttpHeaderSpec, ProbeSet, ProbeSpec } from "../../../runtime/probes/prober.ts";
import { expandOwn } from "./own-variables.ts";

type HttpHeader = NonNullable<NonNullable<Probe["httpGet"]>["httpHeaders"]>[number];
/** Undefined: the header is left out. Throws when the value is not known yet. */
type HeaderValue = (header: HttpHeader) => string | undefined;

/** The manifest's probes with Kubernetes' defaults filled in (admission has done so already; an older object may lack some), and for this copy. */
export function probeSetOf(instance: Stored<Instance>, contentOf: HeaderValue): ProbeSet {
  const { startupProbe, readinessProbe, livenessProbe } = instance.spec;
  const of = (probe: Probe): ProbeSpec => probeSpec(instance, probe, contentOf);
  return {
    ...(startupProbe && { startup: of(startupProbe) }),
    ...(readinessProbe && { readiness: of(readinessProbe) }),
    ...(livenessProbe && { liveness: of(livenessProbe) }),
  };
}

function probeSpec(
  instance: Stored<Instance>,
  { httpGet, tcpSocket, exec, ...probe }: Probe,
  contentOf: HeaderValue,
): ProbeSpec {
  const numberOf = (port: number | string): number => numberOfPort(instance, port);
  return {
    ...probe,
    ...(httpGet && {
      httpGet: {
        ...httpGet,
        port: numberOf(httpGet.port),
        httpHeaders: headersOf(httpGet.httpHeaders ?? [], contentOf),
      },
    }),
    ...(tcpSocket && { tcpSocket: { ...tcpSocket, port: numberOf(tcpSocket.port) } }),
    ...(isDeclared(instance, httpGet ?? tcpSocket) && { ownPort: true }),
    ...(exec && { exec: { command: expandOwn(exec.command, instance) } }),
    initialDelaySeconds: probe.initialDelaySeconds ?? 0,
    periodSeconds: probe.periodSeconds ?? 10,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    successThreshold: probe.successThreshold ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
  };
}

/** Admission has made sure that a name is that of one of the ports. */
function numberOfPort({ spec }: Stored<Instance>, port: number | string): number {
  if (typeof port === "number") return port;
  return portsOf(spec).find(({ name }) => name === port)?.port ?? Number.NaN;
}

/** By its name or by its number. */
function isDeclared({ spec }: Stored<Instance>, asked: { port: number | string } | undefined): boolean {
  return tcpPortsOf(spec).some(({ name, port }) => asked?.port === name || asked?.port === port);
}

/** The value of a Secret is read when it is sent, so no copy of the manifest holds it. */
const headersOf = (headers: readonly HttpHeader[], contentOf: HeaderValue): HttpHeaderSpec[] =>
  headers.map((header) => ({
    name: header.name,
    value: header.valueFrom ? () => contentOf(header) : (header.value ?? ""),
  }));
