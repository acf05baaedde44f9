import { isDeepStrictEqual } from "node:util";
import type { Schema } from "../../../apiserver/admission/schema.ts";

/**
 * Server-side apply, slow and obvious: an Object is a table of paths, a manager is a set of paths, and every rule is a sentence about them. It shares no code
 * with `apiserver/apply`. What is there is neither null nor empty, for admission leaves that out; a configuration may say so.
 */
export type Value = null | string | number | boolean | Value[] | { [name: string]: Value };
/** Path to value, for what is owned whole and for what is empty; `undefined` for a container with something in it. */
type Table = Map<string, Value | undefined>;

export interface ModelManager {
  name: string;
  operation: "Apply" | "Update";
  /** Is its version served? */
  isServed: boolean;
  paths: Set<string>;
}

const isNothing = (leaf: Value | undefined): boolean =>
  leaf === null || (typeof leaf === "object" && Object.keys(leaf).length === 0);

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
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      const isNamed = schema.properties?.[name] !== undefined;
      yield* whole(step(`f:${name}`), item, schema.properties?.[name] ?? schema.additionalProperties ?? {}, isNamed);
    }
  }
}

function* whole(path: string, value: Value, schema: Schema, isNamed: boolean): ReturnType<typeof parts> {
  if (isWhole(value, schema) || isNothing(value)) yield { path, leaf: value, isNamed };
  else {
    yield { path, isNamed };
    yield* parts(value, schema, path);
  }
}

const isWhole = (value: Value, schema: Schema): boolean =>
  typeof value !== "object" ||
  value === null ||
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

/** What an applied configuration owns. A named list that is merged by its items, and has none, is said by nobody. */
const ownedBy = (value: Value, schema: Schema): Set<string> =>
  new Set(
    [...parts(value, schema, "")]
      .filter(({ path, leaf, isNamed }) => {
        const isBare = Array.isArray(leaf) && !isWhole(leaf, schemaAt(path, schema).schema);
        return !isNamed || (leaf !== undefined && !isBare);
      })
      .map(({ path }) => path),
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
  schema: Schema;
  table: Table = new Map();
  managers: ModelManager[] = [];

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** Somebody changes what is owned whole. `live`: what is there. */
  describe(schema: Schema, live: Value): void {
    this.schema = schema;
    this.table = tableOf(live, schema);
  }

  /** Somebody writes the whole Object. */
  update(name: string, next: Value): void {
    const after = tableOf(next, this.schema);
    const { changed, removed } = compareTables(this.table, after);
    if (changed.size === 0 && removed.size === 0) return;
    this.#reconcile(name, "Update");
    this.#forget(this.managers, changed, removed);
    if (changed.size > 0) this.#own(name, "Update", changed);
    this.table = after;
  }

  /** The paths that conflict, when it is refused. */
  apply(name: string, config: Value, force: boolean): { manager: string; path: string }[] {
    const before = this.managers;
    this.#reconcile(name, "Apply");
    const refused = this.#apply(name, config, force);
    if (refused.length > 0) this.managers = before;
    return refused;
  }

  /** Others in a version that is not served are nobody; who owned a part of what is whole now owns the whole. */
  #reconcile(name: string, operation: ModelManager["operation"]): void {
    const isWriter = (one: ModelManager): boolean =>
      one.name === name && one.operation === operation && (operation === "Apply" || one.isServed);
    this.managers = this.managers
      .filter((one) => one.isServed || isWriter(one))
      .map((one) => ({ ...one, paths: new Set([...one.paths].map((path) => wholeAbove(path, this.schema))) }));
  }

  #apply(name: string, config: Value, force: boolean): { manager: string; path: string }[] {
    const mine = ownedBy(config, this.schema);
    const others = this.managers.filter((one) => one.name !== name || one.operation !== "Apply");
    const former = this.managers.find((one) => one.name === name && one.operation === "Apply");
    const last = former?.isServed ? former.paths : new Set<string>();
    const next: Table = new Map(this.table);
    for (const [path, leaf] of tableOf(config, this.schema)) {
      // Nothing is said of what is in a container.
      const isFilled = next.has(path) && next.get(path) === undefined;
      if (!isNothing(leaf) || !isFilled) next.set(path, leaf);
    }
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
    if (mine.size > 0) this.managers.push({ name, operation: "Apply", isServed: true, paths: mine });
    this.table = withoutEmptied(new Map([...next].filter(([, leaf]) => !isNothing(leaf))));
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
    else this.managers.push({ name, operation, isServed: true, paths });
  }
}

/** What the schema says of the value at a path, and whether it names it. */
function schemaAt(path: string, schema: Schema): { schema: Schema; isNamed: boolean } {
  let at: Schema = schema;
  let isNamed = false;
  for (const step of path.split(STEP)) {
    const name = step.slice(2);
    isNamed = step.startsWith("f:") && at.properties?.[name] !== undefined;
    at = (step.startsWith("f:") ? (at.properties?.[name] ?? at.additionalProperties) : at.items) ?? {};
  }
  return { schema: at, isNamed };
}

const isNamedField = (path: string, schema: Schema): boolean => schemaAt(path, schema).isNamed;

/** The path of what is whole around this path, or the path itself. */
const wholeAbove = (path: string, schema: Schema): string =>
  prefixes(path).find((one) => {
    const { schema: at } = schemaAt(one, schema);
    return at.type !== "string" && isWhole(at.type === "array" ? [] : {}, at);
  }) ?? path;

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
