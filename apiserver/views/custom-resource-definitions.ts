import { createHash } from "node:crypto";
import type { Stored } from "../../api/object.ts";
import { type Resource, customResourceDefinitions as resource } from "../../api/scheme.ts";
import { customResourceDefinitions } from "../openapi/custom-resource-definitions.ts";
import { createdColumn } from "../printing/column.ts";
import type { Fixed } from "./fixed-view.ts";

type Definition = ReturnType<typeof customResourceDefinitions>[number];

/**
 * The kinds of our own group as the custom resources that they would be elsewhere: k9s and Headlamp look there for what can be scaled and shown, others for what
 * they need. They are part of the program, so nobody changes them.
 */
export const ownDefinitions: Fixed = {
  resource: resource as unknown as Resource,
  objects: (since) => customResourceDefinitions().map((definition) => served(definition, since.toISOString())),
  columns: [createdColumn],
  instead: "the kinds of wctl.dev are part of wctld, and it has no other custom resources",
};

function served(definition: Definition, since: string): Stored {
  const { metadata, spec } = definition;
  const { versions, names } = spec;
  return {
    ...definition,
    metadata: {
      ...metadata,
      uid: uidOf(metadata.name),
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: since.replace(/\.\d+Z$/, "Z"),
    },
    status: {
      acceptedNames: names,
      conditions: [
        condition("NamesAccepted", "NoConflicts", "no conflicts found", since),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted", since),
      ],
      storedVersions: versions.map(({ name }) => name),
    },
  } as unknown as Stored;
}

/** In Kubernetes' words. */
const condition = (type: string, reason: string, message: string, since: string): object => ({
  type,
  status: "True",
  reason,
  message,
  lastTransitionTime: since.replace(/\.\d+Z$/, "Z"),
});

/** The same after each start. */
function uidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}
