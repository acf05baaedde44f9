import type { ProcessSpec } from "../../api/types.generated.ts";
import { type FieldError, forbiddenField, invalidValue, required } from "./field-error.ts";
import { execCauses } from "./probe.ts";
import { stopSignalError } from "./stop-signal.ts";

/** Each action has what it needs, and nothing that is another's. */
export function configChangeCauses({ configChange }: ProcessSpec, path: string): FieldError[] {
  if (!configChange) return [];
  const { action = "RollingUpdate", signal, exec } = configChange;
  const causes: FieldError[] = [];
  if (action === "Signal" && signal === undefined) causes.push(required(`${path}.signal`));
  if (action === "Exec" && exec === undefined) causes.push(required(`${path}.exec`));
  if (action !== "Signal" && signal !== undefined)
    causes.push(forbiddenField(`${path}.signal`, "only with action Signal"));
  if (action !== "Exec" && exec !== undefined) causes.push(forbiddenField(`${path}.exec`, "only with action Exec"));
  const error = signal === undefined ? undefined : stopSignalError(signal);
  if (error) causes.push(invalidValue(`${path}.signal`, signal, error));
  return [...causes, ...(exec ? execCauses(exec.command, `${path}.exec`) : [])];
}

/** Variables can't be told of in place, so without files these actions never come. */
export function configChangeWarnings({ configChange, files = [] }: ProcessSpec): string[] {
  const action = configChange?.action;
  if ((action !== "Signal" && action !== "Exec") || files.length > 0) return [];
  return [
    `spec.configChange.action: ${action} is for spec.files, and there are none; a change of what env and envFrom refer to replaces the copies`,
  ];
}
