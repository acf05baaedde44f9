import type { KubeObject, Stored } from "../../../api/object.ts";
import { resourceOfKind } from "../../../api/scheme.ts";
import { inColumns } from "./columns.ts";
import { customRow, parseCustomColumns } from "./custom-columns.ts";
import { json } from "./json.ts";
import { kindName } from "./name.ts";
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
  if (format.kind === "custom-columns") return customTable(format.spec, objects, options.noHeaders === true);
  const shown = options.showManagedFields ? objects : objects.map(withoutManagedFields);
  const [only] = shown;
  const value = options.single && only ? only : listOf(shown);
  if (format.kind === "json") return json(value);
  if (format.kind === "yaml") return (await import("../../../api/manifest.ts")).toYaml(value);
  const { parseJsonPathTemplate } = await import("../../../api/jsonpath.ts");
  const template = parseJsonPathTemplate(format.template);
  return format.kind === "jsonpath" ? template.text(value) : json(template.values(value));
}

export const listOf = (items: readonly KubeObject[]): object => ({
  apiVersion: "v1",
  items,
  kind: "List",
  metadata: { resourceVersion: "" },
});

function nameOf(object: KubeObject): string {
  const resource = resourceOfKind(object.apiVersion, object.kind);
  return `${resource ? kindName(resource) : object.kind.toLowerCase()}/${object.metadata.name}`;
}

/** Bookkeeping that people rarely want to read. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

async function customTable(spec: string, objects: readonly KubeObject[], noHeaders: boolean): Promise<string> {
  const columns = await parseCustomColumns(spec);
  const header = columns.map(({ header }) => header);
  return inColumns([...(noHeaders ? [] : [header]), ...objects.map((object) => customRow(columns, object as Stored))]);
}
