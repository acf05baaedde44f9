import type { KubeObject, Stored } from "../../api/object.ts";

/** What a column is called and how clients lay it out. `priority` 1 shows with `-o wide` only. */
export interface ColumnHead {
  name: string;
  type: "string" | "integer" | "date" | "number" | "boolean";
  priority?: 1;
  description: string;
  /** What comes nearest to it, for a server that only follows paths: the column of a CustomResourceDefinition. */
  nearest?: { type: ColumnHead["type"]; path: string };
}

/**
 * A column of `get`. Its cells are what a plain dotted path leads to (`.status.phase`; of a date how long ago it was), or they are worked out: from the Object and what is related to it, or from the
 * Object and the time.
 */
export type Column<T extends KubeObject = KubeObject> = ColumnHead &
  (
    | { path: string; cell?: never; cellNow?: never }
    | { path?: never; cell(object: Stored<T>, related: readonly Stored[]): Cell; cellNow?: never }
    | { path?: never; cell?: never; cellNow(object: Stored<T>, now: Date): Cell }
  );

/** null is a missing value. */
export type Cell = string | number | boolean | null;

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

export function cellAtPath(object: Stored, path: string): Cell {
  const value = valueAt(object, path);
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return JSON.stringify(value);
}

export function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.slice(1).split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
