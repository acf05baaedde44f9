import type { ListOptions } from "../../api/client.ts";
import { badRequest } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { parseFieldSelector, parseLabelSelector } from "../../api/selectors/selectors.ts";
import { isObject } from "../../lib/json-object.ts";
import type { Path } from "../../store/store.ts";
import type { Kind, SelectableField } from "../kinds/kind.ts";
import { storePrefix } from "./paths.ts";

export type Selects = (object: KubeObject) => boolean;

/** What a label and a field selector choose; undefined when they choose everything. Throws BadRequest. */
export function selection(
  kind: Kind,
  { labelSelector = "", fieldSelector = "" }: { labelSelector?: string; fieldSelector?: string },
): Selects | undefined {
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector).map(({ field, op, value }) => {
    const place = placeOf(kind, field);
    if (!place) throw badRequest(`field label not supported: ${field.slice(0, 200)}`);
    return { place, op, value };
  });
  if (labels.isEmpty && fields.length === 0) return undefined;
  return (object) =>
    labels.matches(object.metadata.labels) &&
    fields.every(({ place, op, value }) => (fieldText(object, place) === value) === (op === "="));
}

/**
 * Where in the Store everything lies that is selected: who asks for one Object by `metadata.name` does not walk its whole namespace. Other
 * names may begin alike, so the selection is still to be asked.
 */
export function selectedPrefix(resource: Resource, { namespace, fieldSelector = "" }: ListOptions): Path {
  const prefix = storePrefix(resource, namespace);
  const name = parseFieldSelector(fieldSelector).find(
    ({ field, op }) => field === "metadata.name" && op === "=",
  )?.value;
  return name && namespace !== undefined && resource.namespaced ? prefix + name : prefix;
}

/** Where a field has its value; undefined when nobody may select by it. */
function placeOf({ resource, selectableFields }: Kind, field: string): SelectableField | undefined {
  if (field === "metadata.name") return nameField;
  if (field === "metadata.namespace" && resource.namespaced) return namespaceField;
  return selectableFields.get(field);
}

const nameField: SelectableField = { path: ["metadata", "name"], absent: "" };
const namespaceField: SelectableField = { path: ["metadata", "namespace"], absent: "" };

/** The value of a field as a selector compares it. */
function fieldText(object: KubeObject, { path, absent }: SelectableField): string {
  let value: unknown = object;
  for (const part of path) value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value === undefined || value === null ? absent : String(value);
}
