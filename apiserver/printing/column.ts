import type { ListOptions, ObjectList } from "../../api/client.ts";
import type { KubeObject, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import { age } from "./age.ts";

/** What a column is called and how clients lay it out. `priority` 1 shows with `-o wide` only. */
export interface ColumnHead {
  name: string;
  type: "string" | "integer" | "date" | "number" | "boolean";
  priority?: 1;
  description: string;
  /** What comes nearest to it, for a server that only follows paths: the column of a CustomResourceDefinition. */
  nearest?: { type: ColumnHead["type"]; path: string };
}

/** A column of `get`. Its cells are what a plain dotted path leads to (`.status.phase`), or they are worked out. */
export type Column<T extends KubeObject = KubeObject> = ColumnHead &
  ({ path: string; cell?: never } | { path?: never; cell(object: Stored<T>, context: PrintContext): Cell });

/** null is a missing value. */
export type Cell = string | number | boolean | null;

/** What cells may know beside their Object; one for each Table. */
export interface PrintContext {
  readonly now: Date;
  /** All Objects of the Table: what is looked up once serves all of them. */
  readonly objects: readonly Stored[];
  /** Other Objects that the server keeps. */
  list(resource: Resource, options: ListOptions): ObjectList;
}

export const ageColumn: Column = {
  name: "Age",
  type: "date",
  path: ".metadata.creationTimestamp",
  description: "Time since the object was created.",
};

/** As Kubernetes shows roles: the time itself. */
export const createdColumn: Column = {
  name: "Created At",
  type: "date",
  cell: ({ metadata }) => metadata.creationTimestamp,
  description: "When the object was created.",
};

export function cellOf(column: Column, object: Stored, context: PrintContext): Cell {
  if (column.path === undefined) return column.cell(object, context);
  const value = valueAt(object, column.path);
  if (column.type === "date") return age(value, context.now);
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}

function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.slice(1).split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
