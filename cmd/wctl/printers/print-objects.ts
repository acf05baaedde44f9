import type { KubeObject, Stored } from "../../../api/object.ts";
import { resourceOfKind } from "../../../api/scheme.ts";
import { toYamlLazily } from "../../../api/yaml/to-yaml-lazily.ts";
import { kindName } from "../text/name.ts";
import { plainLine } from "../text/plain.ts";
import { inColumns } from "./columns.ts";
import type { CustomColumn } from "./custom-columns.ts";
import { json } from "./json.ts";
import type { OutputFormat } from "./output-format.ts";

export interface PrintObjectsOptions {
  /** One object was asked for by name: printed bare, not in a List. */
  single: boolean;
  showManagedFields?: boolean;
  noHeaders?: boolean;
}

/** Every format but the table. Reads `yaml` and the JSONPath engine only when they are needed. */
export async function printObjects(
  format: Exclude<OutputFormat, { kind: "table" }>,
  objects: readonly KubeObject[],
  options: PrintObjectsOptions,
): Promise<string> {
  if (format.kind === "name") return objects.map((object) => `${nameOf(object)}\n`).join("");
  if (format.kind === "custom-columns") return customTable(format.columns, objects, options.noHeaders === true);
  const shown = options.showManagedFields ? objects : objects.map(withoutManagedFields);
  const [only] = shown;
  const value = options.single && only ? only : listOf(shown);
  if (format.kind === "json") return json(value);
  if (format.kind === "yaml") return toYamlLazily(value);
  return format.kind === "jsonpath" ? format.template.text(value) : json(format.template.values(value));
}

export const listOf = (items: readonly KubeObject[]): object => ({
  apiVersion: "v1",
  items,
  kind: "List",
  metadata: { resourceVersion: "" },
});

function nameOf(object: KubeObject): string {
  const resource = resourceOfKind(object.apiVersion, object.kind);
  return plainLine(`${resource ? kindName(resource) : object.kind.toLowerCase()}/${object.metadata.name}`);
}

/** Bookkeeping that people rarely want to read. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

async function customTable(
  columns: readonly CustomColumn[],
  objects: readonly KubeObject[],
  noHeaders: boolean,
): Promise<string> {
  const { customRow } = await import("./custom-columns.ts");
  const header = columns.map(({ header }) => header);
  return inColumns([...(noHeaders ? [] : [header]), ...objects.map((object) => customRow(columns, object as Stored))]);
}
