import { many, mapOf, message, one } from "./message.ts";

/** `k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto`. */
const ownerReference = message({
  1: one("kind"),
  3: one("name"),
  4: one("uid"),
  5: one("apiVersion"),
  6: one("controller", "boolean"),
  7: one("blockOwnerDeletion", "boolean"),
});

const managedFieldsEntry = message({
  1: one("manager"),
  2: one("operation"),
  3: one("apiVersion"),
  4: one("time", "time"),
  6: one("fieldsType"),
  7: one("fieldsV1", "json"),
  8: one("subresource"),
});

/** Without what only the server writes, and ignores in a body. */
const objectMeta = message({
  1: one("name"),
  2: one("generateName"),
  3: one("namespace"),
  5: one("uid"),
  6: one("resourceVersion"),
  11: mapOf("labels"),
  12: mapOf("annotations"),
  13: many("ownerReferences", ownerReference),
  14: many("finalizers"),
  17: many("managedFields", managedFieldsEntry),
});

export const metadata = one("metadata", objectMeta);

const labelSelectorRequirement = message({ 1: one("key"), 2: one("operator"), 3: many("values") });

export const labelSelector = message({
  1: mapOf("matchLabels"),
  2: many("matchExpressions", labelSelectorRequirement),
});

export const deleteOptions = message({
  1: one("gracePeriodSeconds", "integer"),
  2: one("preconditions", message({ 1: one("uid"), 2: one("resourceVersion") })),
  3: one("orphanDependents", "boolean"),
  4: one("propagationPolicy"),
  5: many("dryRun"),
});
