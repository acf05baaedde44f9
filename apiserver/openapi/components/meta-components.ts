import type { JsonObject } from "../../../lib/json-object.ts";
import { metaPackage } from "./component-name.ts";
import { flag, listOf, object, ref, text, whole } from "./schema-words.ts";

const meta = (name: string): string => `${metaPackage}.${name}`;

export const typeMeta: JsonObject = {
  apiVersion: text("Group and version of this representation of the object."),
  kind: text("Kind of the object, in CamelCase."),
};

/** What other components refer to. */
export const metaNames = {
  listMeta: meta("ListMeta"),
  status: meta("Status"),
  deleteOptions: meta("DeleteOptions"),
  patch: meta("Patch"),
} as const;

const policy = "io.k8s.api.policy.v1";
const scale = "io.k8s.api.autoscaling.v1";

/** Kubernetes' own types, which no file of `schemas/` describes. References are names of components. */
export const metaComponents: Readonly<Record<string, JsonObject>> = {
  [metaNames.listMeta]: object("What is said of a list.", {
    continue: text("Ask with it for the next page. Empty: this is the last."),
    remainingItemCount: { ...whole("How many items come after this page."), format: "int64" },
    resourceVersion: text("The revision that this list shows: watch from here."),
    selfLink: text("Not written."),
  }),
  [metaNames.status]: {
    ...object("The outcome of a call that returns no other object.", {
      ...typeMeta,
      metadata: ref(metaNames.listMeta, "Of the list kind."),
      status: text("Success or Failure."),
      message: text("For people."),
      reason: text("For programs, in CamelCase."),
      details: ref(meta("StatusDetails"), "What it is about."),
      code: { ...whole("The HTTP status."), format: "int32" },
    }),
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Status" }],
  },
  [meta("StatusDetails")]: object("What a Status is about.", {
    name: text("Of the object."),
    group: text("Of its kind."),
    kind: text("Its resource, or its kind."),
    uid: text("Of the object."),
    retryAfterSeconds: { ...whole("Seconds to wait before another try."), format: "int32" },
    causes: {
      ...listOf({ $ref: meta("StatusCause") }, "Each thing that was wrong."),
      "x-kubernetes-list-type": "atomic",
    },
  }),
  [meta("StatusCause")]: object("One thing that was wrong.", {
    reason: text("For programs, in CamelCase."),
    message: text("For people."),
    field: text("Path of the field."),
  }),
  [metaNames.deleteOptions]: {
    ...object("How an object is to be deleted.", {
      ...typeMeta,
      dryRun: listOf({ type: "string" }, "`All`: nothing is kept."),
      gracePeriodSeconds: { ...whole("Seconds it may take to end."), format: "int64" },
      orphanDependents: flag("Older word for propagationPolicy Orphan."),
      preconditions: ref(meta("Preconditions"), "Delete only if these are true."),
      propagationPolicy: text("What becomes of dependents: Background, Foreground, Orphan."),
    }),
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "DeleteOptions" }],
  },
  [meta("Preconditions")]: object("What must be true of an object.", {
    uid: text("Its uid."),
    resourceVersion: text("Its resourceVersion."),
  }),
  [`${policy}.Eviction`]: {
    ...object("A Pod that shall go, unless something speaks against it.", {
      ...typeMeta,
      metadata: ref(meta("ObjectMeta"), "The name and the namespace of the Pod."),
      deleteOptions: ref(metaNames.deleteOptions, "How it is to be deleted."),
    }),
    "x-kubernetes-group-version-kind": [{ group: "policy", version: "v1", kind: "Eviction" }],
  },
  [metaNames.patch]: { type: "object", description: "The change, in the form that the Content-Type names." },
  [`${scale}.Scale`]: {
    ...object("How many copies are wanted and there.", {
      ...typeMeta,
      metadata: ref(meta("ObjectMeta"), "Of the object that is scaled."),
      spec: ref(`${scale}.ScaleSpec`, "What is wanted."),
      status: ref(`${scale}.ScaleStatus`, "What is there."),
    }),
    "x-kubernetes-group-version-kind": [{ group: "autoscaling", version: "v1", kind: "Scale" }],
  },
  [`${scale}.ScaleSpec`]: object("What is wanted.", { replicas: { ...whole("Copies."), format: "int32" } }),
  [`${scale}.ScaleStatus`]: object(
    "What is there.",
    { replicas: { ...whole("Copies."), format: "int32" }, selector: text("Chooses the copies by their labels.") },
    ["replicas"],
  ),
};
