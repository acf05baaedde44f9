import type { JsonObject } from "../../lib/json-object.ts";
import { componentName, metaPackage } from "./component-name.ts";
import { typeMeta } from "./meta-components.ts";
import { flag, listOf, mapOf, object, ref, text } from "./schema-words.ts";

const access = { group: "authorization.k8s.io", version: "v1" };
const identity = { group: "authentication.k8s.io", version: "v1" };
const inAccess = (kind: string): string => componentName({ ...access, kind });
const texts = (description: string): JsonObject => listOf({ type: "string" }, description);
const extra = mapOf(texts("Values."), "What else is known of them.");

/** A question that is asked by creating it. */
const review = (of: typeof access, kind: string, description: string, spec?: JsonObject, status?: JsonObject) =>
  [
    componentName({ ...of, kind }),
    {
      ...object(description, {
        ...typeMeta,
        metadata: ref(`${metaPackage}.ObjectMeta`, "A question has no name."),
        ...(spec ? { spec } : {}),
        ...(status ? { status } : {}),
      }),
      "x-kubernetes-group-version-kind": [{ ...of, kind }],
    },
  ] as const;

const act = {
  resourceAttributes: ref(
    inAccess("ResourceAttributes"),
    "What would be done to objects; this or nonResourceAttributes.",
  ),
  nonResourceAttributes: ref(inAccess("NonResourceAttributes"), "What would be done to a path."),
};
const bySelf = object("What would be done.", act);
const byAnybody = object("What would be done, and by whom.", {
  ...act,
  user: text("Their name."),
  groups: texts("Their groups."),
  extra,
  uid: text("Their uid."),
});
const verdict = ref(inAccess("SubjectAccessReviewStatus"), "The answer.");

/** Of `apiserver/views/reviews`. */
export const reviewComponents: Readonly<Record<string, JsonObject>> = Object.fromEntries([
  review(access, "SelfSubjectAccessReview", "May I do this?", bySelf, verdict),
  review(access, "SubjectAccessReview", "May they do this?", byAnybody, verdict),
  review(access, "LocalSubjectAccessReview", "May they do this in this namespace?", byAnybody, verdict),
  review(
    access,
    "SelfSubjectRulesReview",
    "What may I do in a namespace?",
    object("Where.", { namespace: text("The namespace.") }),
    object("The answer.", {
      resourceRules: listOf(
        object("What may be done to objects.", {
          verbs: texts("What."),
          apiGroups: texts("Of which groups."),
          resources: texts("To which resources."),
          resourceNames: texts("To which objects; absent: to all."),
        }),
        "On objects.",
      ),
      nonResourceRules: listOf(
        object("What may be done to paths.", { verbs: texts("What."), nonResourceURLs: texts("To which paths.") }),
        "On paths.",
      ),
      incomplete: flag("There may be more."),
      evaluationError: text("Why."),
    }),
  ),
  review(
    identity,
    "SelfSubjectReview",
    "Who am I?",
    undefined,
    object("The answer.", {
      userInfo: object("The user.", {
        username: text("The name."),
        uid: text("The uid."),
        groups: texts("The groups."),
        extra,
      }),
    }),
  ),
  [
    inAccess("SubjectAccessReviewStatus"),
    object("An answer.", {
      allowed: flag("It may be done."),
      denied: flag("It may not, whatever else allows it."),
      reason: text("Why."),
      evaluationError: text("What went wrong while it was judged."),
    }),
  ],
  [
    inAccess("ResourceAttributes"),
    object("What would be done to objects.", {
      namespace: text("Where; empty: everywhere."),
      verb: text("What: get, list, create, ..."),
      group: text("The group; `*` for all."),
      version: text("The version; `*` for all."),
      resource: text("The resource; `*` for all."),
      subresource: text("The subresource; empty: none."),
      name: text("The object; empty: all."),
    }),
  ],
  [
    inAccess("NonResourceAttributes"),
    object("What would be done to a path.", { path: text("The path."), verb: text("The method in lower case.") }),
  ],
]);
