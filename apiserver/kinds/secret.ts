import type { Secret } from "../../api/types.generated.ts";
import { type FieldError, invalidValue, required } from "../validation/field-error.ts";
import { base64Bytes, immutableCauses, keyCauses, sizeCauses } from "../validation/key-value.ts";

/** Keys that the well-known types must have; as in Kubernetes. Any one of an inner list will do. */
const REQUIRED_KEYS: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["kubernetes.io/basic-auth", [["username", "password"]]],
  ["kubernetes.io/ssh-auth", [["ssh-privatekey"]]],
  ["kubernetes.io/tls", [["tls.crt"], ["tls.key"]]],
  ["kubernetes.io/dockerconfigjson", [[".dockerconfigjson"]]],
]);

/** No message repeats a value (promise P20). */
export const secretCauses = ({ data = {}, type = "Opaque" }: Secret): FieldError[] => [
  ...keyCauses(data, "data"),
  ...sizeCauses(base64Bytes(data), "data"),
  ...(REQUIRED_KEYS.get(type) ?? [])
    .filter((keys) => !keys.some((key) => Object.hasOwn(data, key)))
    .map((keys) => required(`data[${keys[0]}]`)),
];

export function secretUpdateCauses(current: Secret, next: Secret): FieldError[] {
  const causes = immutableCauses(current, next, ["data"]);
  if ((current.type ?? "Opaque") !== (next.type ?? "Opaque")) {
    causes.push(invalidValue("type", next.type, "field is immutable"));
  }
  return causes;
}
