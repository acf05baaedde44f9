import { isObject } from "../../../../lib/json-object.ts";

/** A place of a Process that names another Object of its namespace. */
export interface Reference {
  /** `spec.env[0].valueFrom.secretKeyRef` */
  field: string;
  kind: "Secret" | "ConfigMap" | "Process";
  name: string;
  key?: string;
  /** It may be absent. */
  optional: boolean;
}

/** The names of fields that are references, wherever they stand: what comes to the schema later is found too. */
const KIND_OF_FIELD: Readonly<Record<string, Reference["kind"]>> = {
  secretRef: "Secret",
  secretKeyRef: "Secret",
  passwordSecretRef: "Secret",
  configMapRef: "ConfigMap",
  configMapKeyRef: "ConfigMap",
};

/** Of a spec as a file has it, which may be wrong in any way. */
export function referencesIn(spec: unknown, path = "spec"): Reference[] {
  if (Array.isArray(spec)) return spec.flatMap((item, index) => referencesIn(item, `${path}[${index}]`));
  if (!isObject(spec)) return [];
  return Object.entries(spec).flatMap(([name, value]) => {
    const field = `${path}.${name}`;
    if (name === "dependsOn" && Array.isArray(value))
      return value.flatMap((one, index) => to("Process", one, `${field}[${index}]`));
    const kind = Object.hasOwn(KIND_OF_FIELD, name) ? KIND_OF_FIELD[name] : undefined;
    return kind ? to(kind, value, field) : referencesIn(value, field);
  });
}

function to(kind: Reference["kind"], value: unknown, field: string): Reference[] {
  if (!isObject(value) || typeof value.name !== "string") return [];
  const { name, key, optional } = value;
  return [{ field, kind, name, ...(typeof key === "string" ? { key } : {}), optional: optional === true }];
}
