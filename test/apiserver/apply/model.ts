import { isDeepStrictEqual } from "node:util";
import type { Schema } from "../../../apiserver/admission/schema.ts";

/**
 * Server-side apply, slow and obvious: an Object is a table of paths, a manager is a set of paths, and every rule is a sentence about them. It shares no code
 * with `apiserver/apply`. It knows no null and no empty container: a container is there when something is in it.
 */
export type Value = string | number | boolean | Value[] | { [name: string]: Value };
/** Path to value, for what is owned whole; `undefined` for a container. */
type Table = Map<string, Value | undefined>;

export interface ModelManager {
  name: string;
  operation: "Apply" | "Update";
  paths: Set<string>;
}

const STEP = "\u0000";
const prefixes = (path: string): string[] => {
  const steps = path.split(STEP);
  return steps.map((_, index) => steps.slice(0, index + 1).join(STEP));
};

/** Every part of a value: its path, what is there, and whether the schema names it. */
function* parts(value: Value, schema: Schema, at: string): Generator<{ path: string; leaf?: Value; isNamed: boolean }> {
  const step = (text: string): string => (at === "" ? text : at + STEP + text);
  if (Array.isArray(value)) {
    for (const item of value) {
      const path = step(stepOf(item, schema));
      yield* whole(path, item, schema.items ?? {}, false);
    }
  } else if (typeof value === "object") {
    for (const [name, item] of Object.entries(value)) {
      const isNamed = schema.properties?.[name] !== undefined;
      yield* whole(step(`f:${name}`), item, schema.properties?.[name] ?? schema.additionalProperties ?? {}, isNamed);
    }
  }
}

function* whole(path: string, value: Value, schema: Schema, isNamed: boolean): ReturnType<typeof parts> {
  if (isWhole(value, schema)) yield { path, leaf: value, isNamed };
  else {
    yield { path, isNamed };
    yield* parts(value, schema, path);
  }
}

const isWhole = (value: Value, schema: Schema): boolean =>
  typeof value !== "object" ||
  (Array.isArray(value)
    ? !["set", "map"].includes(schema["x-kubernetes-list-type"] ?? "")
    : schema["x-kubernetes-map-type"] === "atomic");

function stepOf(item: Value, schema: Schema): string {
  if (schema["x-kubernetes-list-type"] === "set") return `v:${JSON.stringify(item)}`;
  const keys = [...(schema["x-kubernetes-list-map-keys"] ?? [])].sort();
  const identity = keys.map((key) => [
    key,
    (item as Record<string, Value>)[key] ?? schema.items?.properties?.[key]?.default,
  ]);
  return `k:${JSON.stringify(Object.fromEntries(identity))}`;
}

const tableOf = (value: Value, schema: Schema): Table =>
  new Map([...parts(value, schema, "")].map(({ path, leaf }) => [path, leaf]));

/** What an applied configuration owns. */
const ownedBy = (value: Value, schema: Schema): Set<string> =>
  new Set(
    [...parts(value, schema, "")].filter(({ leaf, isNamed }) => leaf !== undefined || !isNamed).map(({ path }) => path),
  );

function compareTables(before: Table, after: Table) {
  const added = [...after.keys()].filter((path) => !before.has(path));
  const removed = [...before.keys()].filter((path) => !after.has(path));
  const modified = [...after].filter(
    ([path, leaf]) => before.has(path) && leaf !== undefined && !isDeepStrictEqual(before.get(path), leaf),
  );
  return { changed: new Set([...added, ...modified.map(([path]) => path)]), removed: new Set(removed) };
}

export class Model {
  readonly schema: Schema;
  table: Table = new Map();
  managers: ModelManager[] = [];

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** Somebody writes the whole Object. */
  update(name: string, next: Value): void {
    const after = tableOf(next, this.schema);
    const { changed, removed } = compareTables(this.table, after);
    this.#forget(this.managers, changed, removed);
    if (changed.size > 0) this.#own(name, "Update", changed);
    this.table = after;
  }

  /** The paths that conflict, when it is refused. */
  apply(name: string, config: Value, force: boolean): { manager: string; path: string }[] {
    const mine = ownedBy(config, this.schema);
    const others = this.managers.filter((one) => one.name !== name || one.operation !== "Apply");
    const last = this.managers.find((one) => one.name === name && one.operation === "Apply")?.paths ?? new Set();
    const next: Table = new Map([...this.table, ...tableOf(config, this.schema)]);
    for (const path of this.#given(
      next,
      last,
      new Set([mine, ...others.map(({ paths }) => paths)].flatMap((paths) => [...paths])),
    )) {
      next.delete(path);
    }
    const { changed, removed } = compareTables(this.table, next);
    const conflicts = others.flatMap((one) =>
      [...one.paths].filter((path) => changed.has(path)).map((path) => ({ manager: one.name, path })),
    );
    if (conflicts.length > 0 && !force) return conflicts;
    this.managers = others;
    this.#forget(others, changed, removed);
    this.managers.push({ name, operation: "Apply", paths: mine });
    this.table = withoutEmptied(next);
    return [];
  }

  /** What goes: all that is below a path that was owned by this manager, is named by it no more, and is owned by nobody; a container is owned by who owns something in it. */
  #given(table: Table, last: Set<string>, owned: Set<string>): string[] {
    const complete = (paths: Set<string>): Set<string> => {
      const containers = [...paths]
        .flatMap((path) => prefixes(path).slice(0, -1))
        .filter((path) => isNamedField(path, this.schema));
      return new Set([...paths, ...containers]);
    };
    const [was, is] = [complete(last), complete(owned)];
    const between = (path: string): string[] =>
      prefixes(path).filter((one) => prefixes(one).some((above) => was.has(above)));
    const isGone = (path: string): boolean => was.has(path) && between(path).some((one) => !is.has(one));
    return [...table.keys()].filter((path) => prefixes(path).some(isGone));
  }

  #forget(managers: ModelManager[], ...lost: Set<string>[]): void {
    for (const { paths } of managers) for (const set of lost) for (const path of set) paths.delete(path);
    this.managers = this.managers.filter(({ paths }) => paths.size > 0);
  }

  #own(name: string, operation: "Update", paths: Set<string>): void {
    const entry = this.managers.find((one) => one.name === name && one.operation === operation);
    if (entry) for (const path of paths) entry.paths.add(path);
    else this.managers.push({ name, operation, paths });
  }
}

function isNamedField(path: string, schema: Schema): boolean {
  let at: Schema = schema;
  let isNamed = false;
  for (const step of path.split(STEP)) {
    const name = step.slice(2);
    isNamed = step.startsWith("f:") && at.properties?.[name] !== undefined;
    at = (step.startsWith("f:") ? (at.properties?.[name] ?? at.additionalProperties) : at.items) ?? {};
  }
  return isNamed;
}

/** A container that lost all that was in it is not there. */
function withoutEmptied(table: Table): Table {
  const paths = [...table.keys()];
  const left = new Map(
    [...table].filter(([path, leaf]) => leaf !== undefined || paths.some((other) => other.startsWith(path + STEP))),
  );
  return left.size === table.size ? left : withoutEmptied(left);
}

export const stepsOf = (path: string): string[] => path.split(STEP);
export const tableOfValue = tableOf;
