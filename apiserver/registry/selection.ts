import type { ListOptions } from "../../api/client.ts";
import { badRequest } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { parseFieldSelector, parseLabelSelector } from "../../api/selectors/selectors.ts";
import type { Path } from "../../store/store.ts";
import { fieldAt, type Selectable, type SelectableField } from "../kinds/kind.ts";
import { storePrefix } from "./paths.ts";

export type Selects = (object: KubeObject) => boolean;

/** What a label and a field selector choose; undefined when they choose everything. Throws BadRequest. */
export function selection(
  kind: Selectable,
  { labelSelector = "", fieldSelector = "" }: { labelSelector?: string; fieldSelector?: string },
): Selects | undefined {
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector).map(({ field, op, value }) => {
    const texts = fieldOf(kind, field);
    if (!texts) throw badRequest(`field label not supported: ${field.slice(0, 200)}${supported(kind)}`);
    return { texts, op, value };
  });
  if (labels.isEmpty && fields.length === 0) return undefined;
  return (object) =>
    labels.matches(object.metadata.labels) &&
    fields.every(({ texts, op, value }) => texts(object).includes(value) === (op === "="));
}

/**
 * Where in the Store everything lies that is selected: who asks for one Object by `metadata.name` does not walk its whole namespace. Other
 * names may begin alike, so the selection is still to be asked.
 */
export function selectedPrefix(resource: Resource, { namespace, fieldSelector = "" }: ListOptions): Path {
  const prefix = storePrefix(resource, namespace);
  const wanted = parseFieldSelector(fieldSelector).find(
    ({ field, op }) => field === "metadata.name" && op === "=",
  )?.value;
  return wanted && namespace !== undefined && resource.namespaced ? prefix + wanted : prefix;
}

/** Undefined when nobody may select by it. */
function fieldOf({ resource, selectableFields }: Selectable, field: string): SelectableField | undefined {
  if (field === "metadata.name") return nameField;
  if (field === "metadata.namespace" && resource.namespaced) return namespaceField;
  return selectableFields.get(field);
}

const nameField = fieldAt("metadata.name");
const namespaceField = fieldAt("metadata.namespace");

function supported({ resource, selectableFields }: Selectable): string {
  const names = ["metadata.name", ...(resource.namespaced ? ["metadata.namespace"] : []), ...selectableFields.keys()];
  return ` (supported: ${names.join(", ")})`;
}
