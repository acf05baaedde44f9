import type { Instance } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import { applyDefaults } from "../admission/default.ts";
import { schemaOf } from "../admission/schema.ts";
import { type FieldError, forbiddenField, invalidValue, required } from "../validation/field-error.ts";
import { subdomainError } from "../validation/names.ts";
import { templateCauses } from "../validation/template.ts";

export function instanceCauses({ spec }: Instance): FieldError[] {
  const causes = templateCauses(spec, "spec", spec.processName);
  for (const field of ["nodeName", "processName"] as const) {
    const error = spec[field] === undefined ? undefined : subdomainError(spec[field]);
    if (error) causes.push(invalidValue(`spec.${field}`, spec[field], error));
  }
  if (spec.revision === "") causes.push(required("spec.revision"));
  return causes;
}

/** What runs is what was asked for: another spec is another Instance. */
export function instanceUpdateCauses(current: Instance, next: Instance): FieldError[] {
  if (sameJson(current.spec, next.spec) || sameJson(withDefaults(current), next.spec)) return [];
  return [
    forbiddenField(
      "spec",
      "an Instance's spec cannot change; change its Process, or delete the Instance to replace it",
    ),
  ];
}

/** As the stored spec would be admitted today: a default that is new since then is no change. */
function withDefaults({ spec }: Instance): unknown {
  const copy = structuredClone(spec);
  applyDefaults({ spec: copy }, schemaOf({ kind: "Instance", status: true }).body);
  return copy;
}
