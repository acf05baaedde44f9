import type { ControllerRevision } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import { type FieldError, invalidValue, required } from "../validation/field-error.ts";

/** The rules of Kubernetes' `pkg/apis/apps/validation`: what is kept is never changed, only its place in the history. */
export const revisionCauses = ({ data }: ControllerRevision): FieldError[] =>
  data === undefined ? [required("data", "data is mandatory")] : [];

export const revisionUpdateCauses = (current: ControllerRevision, next: ControllerRevision): FieldError[] =>
  sameJson(current.data, next.data) ? [] : [invalidValue("data", "", "field is immutable")];
