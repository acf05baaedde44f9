import { eventSource, objectReference } from "./core-messages.ts";
import { always, message, one } from "./message.ts";
import { metadata } from "./meta-messages.ts";

/** `k8s.io/api/coordination/v1/generated.proto`: how those who wait for each other elect a leader. */
export const lease = message({
  1: metadata,
  2: one(
    "spec",
    message({
      1: always("holderIdentity"),
      2: one("leaseDurationSeconds", "integer"),
      3: one("acquireTime", "micro-time"),
      4: one("renewTime", "micro-time"),
      5: one("leaseTransitions", "integer"),
    }),
  ),
});

/** `k8s.io/api/events/v1/generated.proto`. */
export const newEvent = message({
  1: metadata,
  2: one("eventTime", "micro-time"),
  3: one("series", message({ 1: one("count", "integer"), 2: one("lastObservedTime", "micro-time") })),
  4: one("reportingController"),
  5: one("reportingInstance"),
  6: one("action"),
  7: one("reason"),
  8: one("regarding", objectReference),
  9: one("related", objectReference),
  10: one("note"),
  11: one("type"),
  12: one("deprecatedSource", eventSource),
  13: one("deprecatedFirstTimestamp", "time"),
  14: one("deprecatedLastTimestamp", "time"),
  15: one("deprecatedCount", "count"),
});

/** `k8s.io/api/apps/v1/generated.proto`. */
export const controllerRevision = message({ 1: metadata, 2: one("data", "json"), 3: one("revision", "integer") });
