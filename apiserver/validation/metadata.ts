import type { ObjectMeta, OwnerReference } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import { labelKeyError, labelValueError } from "../../api/selectors/label-syntax.ts";
import { type FieldError, forbiddenField, invalidValue, required, tooLong } from "./field-error.ts";
import { validName } from "./names.ts";

/** Of all annotations of one Object together, keys and values. */
export const MAX_ANNOTATION_BYTES = 256 * 1024;

/** Faults of metadata that already fits its schema; the rules of apimachinery's `ValidateObjectMeta`. `nameError` says what is wrong with a name. */
export const metadataCauses = (nameError: NameRule, metadata: ObjectMeta): FieldError[] => [
  ...nameCauses(nameError, metadata),
  ...labelCauses(metadata.labels ?? {}),
  ...annotationCauses(metadata.annotations ?? {}),
  ...finalizerCauses(metadata.finalizers ?? []),
  ...ownerCauses(metadata.ownerReferences ?? []),
];

type NameRule = (name: string) => string | undefined;

function nameCauses(nameError: NameRule, { name }: ObjectMeta): FieldError[] {
  if (name === "") return [required("metadata.name", "name or generateName is required")];
  const error = nameError(name);
  if (error === undefined) return [];
  const meant = validName(name, nameError);
  return [invalidValue("metadata.name", name, meant === undefined ? error : `${error} (for example: "${meant}")`)];
}

function labelCauses(labels: Readonly<Record<string, string>>): FieldError[] {
  const causes: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    const keyError = labelKeyError(key);
    if (keyError) causes.push(invalidValue("metadata.labels", key, keyError));
    const valueError = labelValueError(value);
    if (valueError) causes.push(invalidValue("metadata.labels", value, valueError));
  }
  return causes;
}

function annotationCauses(annotations: Readonly<Record<string, string>>): FieldError[] {
  const causes: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    const error = labelKeyError(key.toLowerCase());
    if (error) causes.push(invalidValue("metadata.annotations", key, error));
  }
  if (bytes > MAX_ANNOTATION_BYTES) causes.push(tooLong("metadata.annotations", MAX_ANNOTATION_BYTES));
  return causes;
}

function finalizerCauses(finalizers: readonly string[]): FieldError[] {
  const causes: FieldError[] = [];
  for (const finalizer of finalizers) {
    const error = labelKeyError(finalizer);
    if (error) causes.push(invalidValue("metadata.finalizers", finalizer, error));
  }
  const both = [wellKnown.orphanFinalizer, wellKnown.foregroundFinalizer];
  if (both.every((name) => finalizers.includes(name))) {
    causes.push(invalidValue("metadata.finalizers", finalizers, `finalizer ${both.join(" and ")} cannot be both set`));
  }
  return causes;
}

function ownerCauses(owners: readonly OwnerReference[]): FieldError[] {
  const causes: FieldError[] = [];
  for (const [index, owner] of owners.entries()) {
    for (const name of ["apiVersion", "kind", "name", "uid"] as const) {
      const field = `metadata.ownerReferences[${index}].${name}`;
      if (owner[name] === "") causes.push(invalidValue(field, "", "must not be empty"));
    }
  }
  const controllers = owners.filter((owner) => owner.controller);
  if (controllers.length > 1) {
    const names = controllers.slice(0, 2).map((owner) => `${owner.kind}/${owner.name}`);
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names.join(" and ")}`;
    causes.push(invalidValue("metadata.ownerReferences", owners, detail));
  }
  return causes;
}

/** What a deleting Object must not do: come back under a new finalizer. */
export function newFinalizerCauses(current: ObjectMeta, next: ObjectMeta): FieldError[] {
  if (!current.deletionTimestamp) return [];
  const added = (next.finalizers ?? []).filter((name) => !current.finalizers?.includes(name));
  if (added.length === 0) return [];
  const list = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`;
  return [
    forbiddenField(
      "metadata.finalizers",
      `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
    ),
  ];
}
