import { many, mapOf, message, one } from "./message.ts";
import { metadata } from "./meta-messages.ts";

/** `k8s.io/api/core/v1/generated.proto`, the kinds that clients write as protobuf. */
export const secret = message({
  1: metadata,
  2: mapOf("data", "base64"),
  3: one("type"),
  4: mapOf("stringData"),
  5: one("immutable", "boolean"),
});

export const configMap = message({
  1: metadata,
  2: mapOf("data"),
  3: mapOf("binaryData", "base64"),
  4: one("immutable", "boolean"),
});

export const namespace = message({
  1: metadata,
  2: one("spec", message({ 1: many("finalizers") })),
  3: one("status", message({ 1: one("phase") })),
});

export const objectReference = message({
  1: one("kind"),
  2: one("namespace"),
  3: one("name"),
  4: one("uid"),
  5: one("apiVersion"),
  6: one("resourceVersion"),
  7: one("fieldPath"),
});

export const serviceAccount = message({
  1: metadata,
  2: many("secrets", objectReference),
  3: many("imagePullSecrets", message({ 1: one("name") })),
  4: one("automountServiceAccountToken", "boolean"),
});

export const eventSource = message({ 1: one("component"), 2: one("host") });

export const event = message({
  1: metadata,
  2: one("involvedObject", objectReference),
  3: one("reason"),
  4: one("message"),
  5: one("source", eventSource),
  6: one("firstTimestamp", "time"),
  7: one("lastTimestamp", "time"),
  8: one("count", "count"),
  9: one("type"),
  10: one("eventTime", "micro-time"),
  11: one("series", message({ 1: one("count", "count"), 2: one("lastObservedTime", "micro-time") })),
  12: one("action"),
  13: one("related", objectReference),
  14: one("reportingComponent"),
  15: one("reportingInstance"),
});
