import type { ListOptions } from "../../api/client.ts";
import { badRequest } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { parseFieldSelector, parseLabelSelector } from "../../api/selectors/selectors.ts";
import { isObject } from "../../lib/json-object.ts";
import type { Path } from "../../store/store.ts";
import { storePrefix } from "./paths.ts";

export type Selects = (object: KubeObject) => boolean;

/** What a label and a field selector choose; undefined when they choose everything. Throws BadRequest. */
export function selection(
  resource: Resource,
  { labelSelector = "", fieldSelector = "" }: { labelSelector?: string; fieldSelector?: string },
): Selects | undefined {
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector);
  for (const { field } of fields) {
    if (!isSelectable(resource, field)) throw badRequest(`field label not supported: ${field.slice(0, 200)}`);
  }
  if (labels.isEmpty && fields.length === 0) return undefined;
  return (object) =>
    labels.matches(object.metadata.labels) &&
    fields.every(({ field, op, value }) => (fieldText(resource, object, field) === value) === (op === "="));
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

const isSelectable = (resource: Resource, field: string): boolean =>
  field === "metadata.name" ||
  (field === "metadata.namespace" && resource.namespaced) ||
  resource.selectableFields.includes(field);

/** Fields whose text is not what their path leads to. */
const COMPUTED: ReadonlyMap<string, { path: string; absent?: string }> = new Map([
  ["events source", { path: "source.component" }],
  ["nodes spec.unschedulable", { path: "spec.unschedulable", absent: "false" }],
]);

/** The value of a field as a selector compares it; "" when it is absent. */
function fieldText(resource: Resource, object: KubeObject, field: string): string {
  const { path, absent = "" } = COMPUTED.get(`${resource.plural} ${field}`) ?? { path: field };
  let value: unknown = object;
  for (const part of path.split(".")) value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value === undefined || value === null ? absent : String(value);
}
