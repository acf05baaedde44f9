import type { ProcessTemplate } from "../../api/types.generated.ts";
import { type FieldError, invalidValue } from "./field-error.ts";
import { absolutePathError } from "./program.ts";

/** Whether a file can be read shows at the start: it is the account of the program that must be able to. */
export const envFileCauses = ({ envFile = [] }: ProcessTemplate, path: string): FieldError[] =>
  envFile.flatMap((file, index) => {
    const error = absolutePathError(file.path);
    return error ? [invalidValue(`${path}[${index}].path`, file.path, error)] : [];
  });
