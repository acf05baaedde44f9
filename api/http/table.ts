import { isObject } from "../../lib/json-object.ts";
import type { ListOptions } from "../client.ts";
import { StatusError } from "../errors.ts";

/** `meta.k8s.io/v1 Table`: the server makes the cells. */
export interface Table {
  kind: "Table";
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  columnDefinitions: { name: string; type?: string; format?: string; description?: string; priority?: number }[];
  rows: {
    cells: unknown[];
    object?: { metadata?: { name?: string; namespace?: string; labels?: Record<string, string> } };
  }[];
}

export interface TableOptions extends ListOptions {
  /** One Object only. */
  name?: string;
  /** What `rows[].object` holds; default Metadata. */
  includeObject?: "None" | "Metadata" | "Object";
}

/** In a watch `columnDefinitions` come with the first event only. */
export interface TableEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  table: Table;
}

/** Asks for the table; a server that has none answers with Objects. */
export const TABLE_ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export function asTable(value: Record<string, unknown>): Table {
  const { kind } = value;
  // A server in Go says null where there are none.
  const rows = value.rows ?? [];
  const columns = value.columnDefinitions ?? [];
  const isTable = kind === "Table" && Array.isArray(rows) && rows.every(isRow) && isColumns(columns);
  if (!isTable) throw new StatusError("InternalError", "the server's answer is not a table");
  return { ...(value as unknown as Table), rows, columnDefinitions: columns };
}

const isRow = (row: unknown): boolean => isObject(row) && Array.isArray(row.cells);
const isColumns = (value: unknown): value is Table["columnDefinitions"] =>
  Array.isArray(value) && value.every((one) => isObject(one) && typeof one.name === "string");
