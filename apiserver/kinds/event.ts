import type { Event } from "../../api/types.generated.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";

/** An Event lives in the namespace of what it is about; those about cluster-scoped Objects live in any. */
export function eventCauses({ metadata, involvedObject }: Event): FieldError[] {
  const { namespace = "" } = involvedObject;
  if (namespace === "" || namespace === metadata.namespace) return [];
  return [invalidValue("involvedObject.namespace", namespace, "does not match event.namespace")];
}
