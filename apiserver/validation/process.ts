import type { Process } from "../../api/types.generated.ts";
import type { FieldError } from "./field-error.ts";
import { rolloutCauses } from "./rollout.ts";
import { templateCauses } from "./template.ts";

export const processCauses = ({ metadata, spec }: Process): FieldError[] => [
  ...templateCauses(spec, "spec", metadata.name),
  ...rolloutCauses(spec, "spec"),
];
