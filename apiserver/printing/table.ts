import type { Stored } from "../../api/object.ts";
import type { ColumnHead } from "./column.ts";
import { jsonOf, partialJsonOf } from "./object-json.ts";

/** Says how Objects are shown as rows (Kubernetes' `rest.TableConvertor`): the server decides columns and cells, clients only align them. */
export interface TableConvertor {
  /** Without NAME, which every Table begins with unless a column is called so. */
  readonly columns: readonly ColumnHead[];
  /** Begins a Table, all of it of this moment. The rows are JSON: their cells in the order of the columns, joined by commas. */
  begin(): (object: Stored) => string;
}

export interface TableOptions {
  version: "v1" | "v1beta1";
  /** What each row carries beside its cells. */
  includeObject: "None" | "Metadata" | "Object";
  /** False after the first event of a watch. */
  columnDefinitions: boolean;
}

/** JSON of a `Table` of meta.k8s.io, in parts. `metadata` is that of the list, or of the one Object. */
export function* tableJson(
  convertor: TableConvertor,
  objects: readonly Stored[],
  metadata: object,
  options: TableOptions,
): Generator<string> {
  const { columns } = convertor;
  const definitions = options.columnDefinitions ? definitionsOf(columns) : "[]";
  yield `{"kind":"Table","apiVersion":"meta.k8s.io/${options.version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[`;
  const cellsOf = convertor.begin();
  const isNamed = leadsWithName(columns);
  const afterName = columns.length > 0 ? "," : "";
  let comma = "";
  for (const object of objects) {
    const name = isNamed ? JSON.stringify(object.metadata.name) + afterName : "";
    yield `${comma}{"cells":[${name}${cellsOf(object)}]${carried(object, options)}}`;
    comma = ",";
  }
  yield "]}";
}

function carried(object: Stored, { includeObject, version }: TableOptions): string {
  if (includeObject === "None") return "";
  return `,"object":${includeObject === "Object" ? jsonOf(object) : partialJsonOf(object, version)}`;
}

/** Core Events have their name at the end, as kubectl users know them; all else begins with it. */
const leadsWithName = (columns: readonly ColumnHead[]): boolean => !columns.some((column) => column.name === "Name");

const nameColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Unique within kind and namespace.",
  priority: 0,
};

const definitions = new WeakMap<readonly ColumnHead[], string>();

function definitionsOf(columns: readonly ColumnHead[]): string {
  const known = definitions.get(columns);
  if (known !== undefined) return known;
  const heads = columns.map(({ name, type, description, priority = 0 }) => ({
    name,
    type,
    format: "",
    description,
    priority,
  }));
  const text = JSON.stringify(leadsWithName(columns) ? [nameColumn, ...heads] : heads);
  definitions.set(columns, text);
  return text;
}
