import type { Client } from "../../api/client.ts";
import type { Stored } from "../../api/object.ts";
import { scheme } from "../../api/scheme.ts";
import type { Node } from "../../api/types.generated.ts";
import { Agent } from "../../controllers/instance/agent.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { EventRecorder } from "../../machinery/event-recorder.ts";
import type { Manager } from "../../machinery/manager.ts";
import { ProbeScheduler } from "../../runtime/probes/probe-scheduler.ts";
import type { Runtime, StopSignal } from "../../runtime/runtime.ts";
import type { ConfigFile } from "./config-file.ts";
import type { DaemonMetrics } from "./daemon-metrics.ts";

export interface TenantOptions {
  client: Client;
  runtime: Runtime;
  config: ConfigFile;
  metrics: DaemonMetrics;
  logger: Logger;
  recorder: EventRecorder;
  clock: Clock;
  node: Stored<Node>;
  manifests: string | undefined;
  stopSignal: StopSignal;
}
