import type { KubeObject } from "../../api/object.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { FieldError } from "./field-error.ts";

/**
 * The faults of `next` without those that are stored already, in fields that this write leaves alone (Kubernetes' validation ratcheting,
 * KEP-4008): an Object that an earlier version admitted by fewer rules must still be scaled, labelled and let go.
 */
export function newCauses(
  validate: (object: KubeObject) => FieldError[],
  current: KubeObject,
  next: KubeObject,
): FieldError[] {
  const causes = validate(next);
  if (causes.length === 0) return causes;
  const stored = validate(current);
  const isStored = (cause: FieldError): boolean => stored.some((one) => sameJson(one, cause));
  return causes.filter((cause) => !isStored(cause) || !sameJson(placeOf(current, cause), placeOf(next, cause)));
}

/** The part of an Object that a fault is in: a field of the spec, or another top-level field. */
function placeOf(object: KubeObject, { field }: FieldError): unknown {
  const [top = "", below = ""] = field.split(/[.[]/, 2);
  const part = (object as unknown as Record<string, unknown>)[top];
  return top === "spec" ? (part as Record<string, unknown> | undefined)?.[below] : part;
}
