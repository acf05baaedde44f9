import type { JsonObject } from "../../../lib/json-object.ts";
import { componentName, metaPackage } from "./component-name.ts";
import { typeMeta } from "./meta-components.ts";
import { listOf, object, ref, text, whole } from "./schema-words.ts";

const kind = { group: "wctl.dev", version: "v1", kind: "GitSourceDiff" };
const anyObject = (description: string): JsonObject => ({
  type: "object",
  description,
  "x-kubernetes-preserve-unknown-fields": true,
});
const named = {
  apiVersion: text("Of the object."),
  kind: text("Of the object."),
  namespace: text("Of the object; absent where its kind has none."),
  name: text("Of the object."),
};

/** Of `apiserver/registry/diff-storage.ts`. */
export const diffComponents: Readonly<Record<string, JsonObject>> = {
  [componentName(kind)]: {
    ...object("What the next apply of a GitSource would change.", {
      ...typeMeta,
      metadata: ref(`${metaPackage}.ObjectMeta`, "Name and namespace of the GitSource."),
      status: object("The answer.", {
        revision: text("That was looked at; absent when there was none."),
        changes: listOf(
          object("An object that would change.", {
            action: text("Create, Configure, Prune, or Release (it stays, without the marks of the source)."),
            ...named,
            file: text("Where it is declared, or what declared it before."),
            line: whole("Its line there."),
            before: anyObject("As it is, but for its status. Values of Secrets are masked."),
            after: anyObject("As it would be. Values of Secrets are masked."),
            withheld: text("Why it is not shown: Forbidden, TooLarge."),
          }),
          "Empty where nothing of the revision would be applied.",
        ),
        remainingChangeCount: whole("So many more are left out."),
        notCompared: listOf(
          object("An object.", named),
          "Objects that are there and that who asks may not read: whether they would change is not said.",
        ),
        findings: listOf(
          object("What stands against it.", { reason: text("As in the condition Ready."), message: text("In words.") }),
          "Why not all of it would be applied.",
        ),
      }),
    }),
    "x-kubernetes-group-version-kind": [kind],
  },
};
