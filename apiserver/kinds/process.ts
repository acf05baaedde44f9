import type { Process } from "../../api/types.generated.ts";
import type { FieldError } from "../validation/field-error.ts";
import { rolloutCauses } from "../validation/rollout.ts";
import { templateCauses } from "../validation/template.ts";

export const processCauses = ({ metadata, spec }: Process): FieldError[] => [
  ...templateCauses(spec, "spec", metadata.name),
  ...rolloutCauses(spec, "spec"),
];
