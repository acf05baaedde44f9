import { pods, type Resource } from "../../../api/scheme.ts";
import type { KindStorage } from "../../registry/kind-storage.ts";
import type { PortSource } from "../../registry/port-source.ts";
import type { ExecOpener, LogStreamer, Storage } from "../../registry/storage.ts";
import { asPods } from "./as-pods.ts";
import { PodAttachStorage } from "./pod-attach.ts";
import { PodEvictionStorage } from "./pod-eviction.ts";
import { PodLogStorage } from "./pod-log.ts";
import { PodPortForwardStorage } from "./pod-port-forward.ts";

/** What the Instances have, as far as they have it. */
export function podSubresources(instances: KindStorage, ports?: PortSource): ReadonlyMap<string, Storage> {
  const resource = pods as unknown as Resource;
  const below = new Map<string, Storage>();
  const { log, exec } = Object.fromEntries(instances.subresources);
  if (isLogStreamer(log)) {
    below.set("log", new PodLogStorage(instances, log));
    below.set("attach", new PodAttachStorage(instances, log));
  }
  if (isExecOpener(exec)) {
    below.set("exec", {
      resource,
      openExec: (...asked) => asPods(() => exec.openExec(...asked)),
      assertMayExec: (...asked) => asPods(() => exec.assertMayExec(...asked)),
    });
  }
  below.set("eviction", new PodEvictionStorage(instances));
  if (ports) below.set("portforward", new PodPortForwardStorage(instances, ports));
  return below;
}

const isExecOpener = (storage: Storage | undefined): storage is Storage & ExecOpener => storage?.openExec !== undefined;

const isLogStreamer = (storage: Storage | undefined): storage is Storage & LogStreamer =>
  storage?.streamLog !== undefined;
