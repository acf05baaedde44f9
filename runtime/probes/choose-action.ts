import type { ExecOptions, ExecResult } from "../runtime.ts";
import { ExecProbe } from "./exec-probe.ts";
import { HttpProbe } from "./http-probe.ts";
import type { ProbeAction } from "./probe-action.ts";
import type { ProbeSpec } from "./prober.ts";
import { TcpProbe } from "./tcp-probe.ts";

export type Exec = (uid: string, command: readonly string[], options: ExecOptions) => Promise<ExecResult>;

/** The way of asking that a probe names. The API has made sure that it names exactly one. */
export function chooseAction(uid: string, spec: ProbeSpec, exec: Exec, allowRemoteHosts: boolean): ProbeAction {
  if (spec.httpGet) return new HttpProbe(spec.httpGet, allowRemoteHosts);
  if (spec.tcpSocket) return new TcpProbe(spec.tcpSocket, allowRemoteHosts);
  const command = spec.exec?.command ?? [];
  return new ExecProbe(command, spec.timeoutSeconds * 1000, (options) => exec(uid, command, options));
}
