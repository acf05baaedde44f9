import type { ObjectMeta, OwnerReference } from "../../api/object.ts";
import { wellKnown } from "../../api/scheme.ts";
import { labelKeyError, labelValueError } from "../../api/selectors/label-syntax.ts";
import { type FieldError, forbiddenField, invalidValue, required, tooLong } from "./field-error.ts";
import { validName } from "./names.ts";

/** Of all annotations of one Object together, keys and values. */
export const MAX_ANNOTATION_BYTES = 256 * 1024;

/** An Event goes by itself, and would take with it what it owns. */
const NEVER_OWNER = "/v1, Kind=Event";

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
  const field = "metadata.ownerReferences";
  for (const owner of owners) {
    const { apiVersion, kind } = owner;
    const parts = apiVersion.split("/");
    if (apiVersion === "" || parts.length > 2) {
      causes.push(invalidValue(`${field}.apiVersion`, apiVersion, "version must not be empty"));
    }
    for (const name of ["kind", "name", "uid"] as const) {
      if (owner[name] === "") causes.push(invalidValue(`${field}.${name}`, "", "must not be empty"));
    }
    const shown = `/${apiVersion}, Kind=${kind}`;
    if (shown === NEVER_OWNER) causes.push(invalidValue(field, owner, `${shown} is disallowed from being an owner`));
  }
  const controllers = owners.filter((owner) => owner.controller);
  if (controllers.length > 1) {
    const names = controllers.slice(0, 2).map((owner) => `${owner.kind}/${owner.name}`);
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names.join(" and ")}`;
    causes.push(invalidValue(field, owners, detail));
  }
  return causes;
}

/** Only the server says when an Object goes. What a writer leaves out stays as it is. */
export function deletionCauses(current: ObjectMeta, client: ObjectMeta): FieldError[] {
  const [said, is] = [client, current].map(({ deletionTimestamp }) => Date.parse(deletionTimestamp ?? ""));
  const { deletionTimestamp, deletionGracePeriodSeconds: seconds } = client;
  const immutable = (name: string, value: unknown) => invalidValue(`metadata.${name}`, value, "field is immutable");
  return [
    ...(deletionTimestamp && said !== is ? [immutable("deletionTimestamp", deletionTimestamp)] : []),
    ...(seconds !== undefined && seconds !== current.deletionGracePeriodSeconds
      ? [immutable("deletionGracePeriodSeconds", seconds)]
      : []),
  ];
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
