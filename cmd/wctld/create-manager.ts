import { controllerIdentity } from "../../apiserver/authentication/identity.ts";
import type { Agent } from "../../controllers/instance/agent.ts";
import { ExecSessions } from "../../controllers/instance/exec/exec-sessions.ts";
import { PortForwards } from "../../controllers/instance/ports/port-forwards.ts";
import type { Cleanup } from "../../lib/cleanup.ts";
import { ApiEventRecorder } from "../../machinery/event-recorder.ts";
import { Manager } from "../../machinery/manager.ts";
import { ProbeScheduler } from "../../runtime/probes/probe-scheduler.ts";
import type { DaemonHost } from "./lifecycle/daemon-host.ts";
import { defaultStopSignal } from "./platform.ts";
import { type ControllerOptions, registerControllers } from "./register-controllers.ts";

interface ManagerOptions extends Omit<ControllerOptions, "recorder" | "prober" | "stopSignal"> {
  host: DaemonHost | undefined;
}

export interface Managed {
  manager: Manager;
  agent: Agent;
  exec: ExecSessions;
  ports: PortForwards;
}

/** The controllers with what only they use: the recorder of Events and the probes. `cleanup` stops them in the right order. */
export function createManager(options: ManagerOptions, cleanup: Cleanup): Managed {
  const { clientOf, nodeName, clock, logger, runtime, config, metrics, host } = options;
  const client = clientOf(controllerIdentity("event-recorder"));
  const events = new ApiEventRecorder({ client, component: "wctld", host: nodeName, clock, logger });
  cleanup.add(() => events.flush());
  const prober = new ProbeScheduler({
    clock,
    logger,
    random: Math.random,
    runtime: {
      exec: (uid, command, limits) => runtime.exec(uid, command, limits),
      portOwner: (uid, port, host) => runtime.portOwner(uid, port, host),
    },
    allowRemoteHosts: config.current.probes?.allowRemoteHosts ?? false,
    asked: (uid, kind, result, seconds) => metrics.probes.count(uid, kind, result, seconds),
  });
  cleanup.add(() => prober.close());
  const manager = new Manager({ logger });
  cleanup.add(() => manager.stop());
  const recorder = host?.overhear(events) ?? events;
  const stopSignal = defaultStopSignal(runtime);
  const exec = new ExecSessions({ runtime, recorder, logger });
  cleanup.add(() => exec.close());
  const ports = new PortForwards({ runtime, recorder, logger });
  const agent = registerControllers(manager, { ...options, recorder, prober, stopSignal });
  return { manager, agent, exec, ports };
}
