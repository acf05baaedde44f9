import type { JsonObject } from "../../../lib/json-object.ts";
import { componentName, metaPackage } from "./component-name.ts";
import { typeMeta } from "./meta-components.ts";
import { object, ref, text, time, whole } from "./schema-words.ts";

const kind = { group: "events.k8s.io", version: "v1", kind: "Event" };

const reference = (description: string): JsonObject =>
  object(description, {
    apiVersion: text("Its group and version."),
    kind: text("Its kind."),
    name: text("Its name."),
    namespace: text("Its namespace."),
    uid: text("Tells it from a later object of the same name."),
    resourceVersion: text("Its version when it happened."),
    fieldPath: text("Which part of it."),
  });

/** An Event under the names that events.k8s.io has for its fields (`apiserver/views/events`). */
export const eventComponents: Readonly<Record<string, JsonObject>> = {
  [componentName(kind)]: {
    ...object("Something that happened to an object: the Event of core/v1 in newer words.", {
      ...typeMeta,
      metadata: ref(`${metaPackage}.ObjectMeta`, "Of the Event."),
      regarding: reference("What it happened to."),
      related: reference("What else it has to do with."),
      type: text("Normal or Warning."),
      reason: text("One word in CamelCase."),
      note: text("A sentence for people."),
      action: text("What was being done."),
      eventTime: { ...time("When it happened; with microseconds."), nullable: true },
      series: object("Of an Event that tells of what happened again and again.", {
        count: whole("How often it happened so far."),
        lastObservedTime: { ...time("When it happened last; with microseconds."), nullable: true },
      }),
      reportingController: text("Who saw it."),
      reportingInstance: text("On which machine that was."),
      deprecatedCount: whole("How often it happened."),
      deprecatedFirstTimestamp: { ...time("When it happened first."), nullable: true },
      deprecatedLastTimestamp: { ...time("When it happened last."), nullable: true },
      deprecatedSource: object("Who saw it, as older clients read it.", {
        component: text("As reportingController."),
        host: text("As reportingInstance."),
      }),
    }),
    "x-kubernetes-group-version-kind": [kind],
  },
};
