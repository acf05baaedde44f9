import { always, many, mapOf, message, one } from "./message.ts";
import { metadata } from "./meta-messages.ts";

/** `k8s.io/api/core/v1/generated.proto`: the part of a Node that makes sense here. */
const taint = message({ 1: one("key"), 2: one("value"), 3: one("effect"), 4: one("timeAdded", "time") });

const condition = message({
  1: one("type"),
  2: one("status"),
  3: one("lastHeartbeatTime", "time"),
  4: one("lastTransitionTime", "time"),
  5: one("reason"),
  6: one("message"),
});

const nodeInfo = message({
  1: always("machineID"),
  2: always("systemUUID"),
  3: always("bootID"),
  4: always("kernelVersion"),
  5: always("osImage"),
  6: always("containerRuntimeVersion"),
  7: always("kubeletVersion"),
  8: always("kubeProxyVersion"),
  9: always("operatingSystem"),
  10: always("architecture"),
});

const status = message({
  1: mapOf("capacity", "quantity"),
  2: mapOf("allocatable", "quantity"),
  4: many("conditions", condition),
  5: many("addresses", message({ 1: one("type"), 2: one("address") })),
  7: one("nodeInfo", nodeInfo),
});

export const node = message({
  1: metadata,
  2: one("spec", message({ 4: one("unschedulable", "flag"), 5: many("taints", taint) })),
  3: one("status", status),
});
