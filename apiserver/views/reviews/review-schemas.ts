import type { Schema } from "../../admission/schema.ts";

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };

const fields = (properties: Readonly<Record<string, Schema>>): Schema => ({ type: "object", properties });

const selector: Schema = fields({
  rawSelector: text,
  requirements: { type: "array", items: fields({ key: text, operator: text, values: texts }) },
});

const act = {
  resourceAttributes: fields({
    namespace: text,
    verb: text,
    group: text,
    version: text,
    resource: text,
    subresource: text,
    name: text,
    fieldSelector: selector,
    labelSelector: selector,
  }),
  nonResourceAttributes: fields({ path: text, verb: text }),
};

/** What may be asked in the `spec` of each review: `k8s.io/api/authorization/v1` and `authentication/v1`. */
export const reviewSchemas = {
  selfAccess: fields(act),
  access: fields({
    ...act,
    user: text,
    groups: texts,
    extra: { type: "object", additionalProperties: texts },
    uid: text,
  }),
  rules: fields({ namespace: text }),
  token: fields({ token: text, audiences: texts }),
  none: fields({}),
} as const;
