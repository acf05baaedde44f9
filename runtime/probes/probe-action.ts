import type { ExecOptions, ExecResult } from "../runtime.ts";
import { ExecProbe } from "./exec-probe.ts";
import { HttpProbe } from "./http-probe.ts";
import type { ProbeResult, ProbeSpec } from "./prober.ts";
import { TcpProbe } from "./tcp-probe.ts";

/** One way of asking. A signal aborted with `timedOut` is a failure; with anything else nobody wants the result any more. */
export interface ProbeAction {
  /** Rejects when the question could not be asked at all: then there is no result. */
  run(signal: AbortSignal): Promise<ProbeResult>;
}

export type Exec = (uid: string, command: readonly string[], options: ExecOptions) => Promise<ExecResult>;

export function probeAction(uid: string, spec: ProbeSpec, exec: Exec, allowRemoteHosts: boolean): ProbeAction {
  if (spec.httpGet) return new HttpProbe(spec.httpGet, allowRemoteHosts);
  if (spec.tcpSocket) return new TcpProbe(spec.tcpSocket, allowRemoteHosts);
  const command = spec.exec?.command ?? [];
  return new ExecProbe(command, spec.timeoutSeconds * 1000, (options) => exec(uid, command, options));
}
