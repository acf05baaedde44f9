import type { PortOwner } from "../ports/port-owner.ts";
import type { ExecOptions, ExecResult } from "../runtime.ts";
import { ExecProbe } from "./exec-probe.ts";
import { HttpProbe } from "./http-probe.ts";
import { OwnPortProbe } from "./own-port-probe.ts";
import type { ProbeAction } from "./probe-action.ts";
import { isThisMachine } from "./probe-host.ts";
import type { ProbeSpec } from "./prober.ts";
import { TcpProbe } from "./tcp-probe.ts";

/** What probes need of the runtime. */
export interface ProbedRuntime {
  exec: (uid: string, command: readonly string[], options: ExecOptions) => Promise<ExecResult>;
  portOwner: (uid: string, port: number, host: string) => Promise<PortOwner>;
}

/** The way of asking that a probe names. The API has made sure that it names exactly one. */
export function chooseAction(
  uid: string,
  spec: ProbeSpec,
  { exec, portOwner }: ProbedRuntime,
  allowRemoteHosts: boolean,
): ProbeAction {
  const network = spec.httpGet ?? spec.tcpSocket;
  if (network) {
    const action = spec.httpGet
      ? new HttpProbe(spec.httpGet, allowRemoteHosts)
      : new TcpProbe(network, allowRemoteHosts);
    const { port, host = "127.0.0.1" } = network;
    if (!spec.ownPort || !isThisMachine(host)) return action;
    return new OwnPortProbe(action, port, () => portOwner(uid, port, host));
  }
  const command = spec.exec?.command ?? [];
  return new ExecProbe(command, spec.timeoutSeconds * 1000, (options) => exec(uid, command, options));
}
