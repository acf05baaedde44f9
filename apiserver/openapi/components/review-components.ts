import type { JsonObject } from "../../../lib/json-object.ts";
import { componentName, metaPackage } from "./component-name.ts";
import { typeMeta } from "./meta-components.ts";
import { flag, listOf, mapOf, object, ref, text, time, whole } from "./schema-words.ts";

const access = { group: "authorization.k8s.io", version: "v1" };
const identity = { group: "authentication.k8s.io", version: "v1" };
const inAccess = (kind: string): string => componentName({ ...access, kind });
const texts = (description: string): JsonObject => listOf({ type: "string" }, description);
const extra = mapOf(texts("Values."), "What else is known of them.");
const userInfo = (description: string): JsonObject =>
  object(description, { username: text("The name."), uid: text("The uid."), groups: texts("The groups."), extra });

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

const selector = object("Which objects. No role is about some of them only, so that it decides nothing.", {
  rawSelector: text("As in a query."),
  requirements: listOf(
    object("One of its conditions.", {
      key: text("Of what."),
      operator: text("In, NotIn, ..."),
      values: texts("Which."),
    }),
    "Its conditions.",
  ),
});
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
      userInfo: userInfo("The user."),
    }),
  ),
  review(
    identity,
    "TokenReview",
    "Whose is this token?",
    object("The token.", {
      token: text("The token."),
      audiences: texts("For whom it should be; empty: for this API."),
    }),
    object("The answer.", {
      authenticated: flag("It is good."),
      user: userInfo("Whose it is."),
      audiences: texts("For whom it is, of those that were asked for."),
      error: text("Why it is not."),
    }),
  ),
  review(
    identity,
    "TokenRequest",
    "A token for a ServiceAccount.",
    object("Which token.", {
      audiences: texts("For whom it shall be; empty: for this API."),
      expirationSeconds: { ...whole("How long it shall be good."), format: "int64" },
      boundObjectRef: {
        ...object("Tokens are bound to their ServiceAccount, and to nothing else.", {
          apiVersion: text("Of the object."),
          kind: text("Of the object."),
          name: text("Of the object."),
          uid: text("Of the object."),
        }),
        nullable: true,
      },
    }),
    object("The answer.", { token: text("The token."), expirationTimestamp: time("When it ends.") }, ["token"]),
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
      fieldSelector: selector,
      labelSelector: selector,
    }),
  ],
  [
    inAccess("NonResourceAttributes"),
    object("What would be done to a path.", { path: text("The path."), verb: text("The method in lower case.") }),
  ],
]);
