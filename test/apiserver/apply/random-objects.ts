import type { Schema } from "../../../apiserver/admission/schema.ts";
import type { Value } from "./model.ts";

/** Numbers that follow from a seed (mulberry32), so that a failure can be seen again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  some<T>(choices: readonly T[]): T[] {
    const chosen = choices.filter(() => this.below(2) === 0);
    return chosen.length > 0 ? chosen : [this.of(choices)];
  }
}

const NAMES = ["a", "b", "c", "d"];

export function randomSchema(random: Random, depth = 0): Schema {
  const kinds =
    depth === 0
      ? ["struct"]
      : depth > 3
        ? ["text"]
        : ["text", "text", "struct", "map", "set", "items", "whole-list", "whole-map"];
  switch (random.of(kinds)) {
    case "struct":
      return {
        type: "object",
        properties: Object.fromEntries(NAMES.map((name) => [name, randomSchema(random, depth + 1)])),
      };
    case "map":
      return { type: "object", additionalProperties: randomSchema(random, depth + 1) };
    case "set":
      return { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } };
    case "items":
      return itemsSchema(random, depth);
    case "whole-list":
      return { type: "array", items: { type: "string" } };
    case "whole-map":
      return { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: { type: "string" } };
    default:
      return { type: "string" };
  }
}

function itemsSchema(random: Random, depth: number): Schema {
  const others = Object.fromEntries(["a", "b"].map((name) => [name, randomSchema(random, depth + 1)]));
  const properties: Record<string, Schema> = {
    key: { type: "string" },
    side: { type: "string", default: "x" },
    ...others,
  };
  const keys = random.of([["key"], ["key", "side"]]);
  return {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": keys,
    items: { type: "object", properties },
  };
}

/** Of `nothings`, some of it is null or empty; else nothing is. */
export function randomValue(random: Random, schema: Schema, nothings = false): Value {
  if (schema.type === "string") return random.of(["x", "y", "z"]);
  if (schema.type === "array") return randomItems(random, schema, nothings);
  const { properties, additionalProperties = {} } = schema;
  const isAtomic = schema["x-kubernetes-map-type"] === "atomic";
  const names = random.some(NAMES);
  return Object.fromEntries(
    names.map((name) => [name, randomField(random, properties?.[name] ?? additionalProperties, nothings && !isAtomic)]),
  );
}

function randomField(random: Random, schema: Schema, nothings: boolean): Value {
  if (!nothings || random.below(6) > 0) return randomValue(random, schema, nothings);
  if (schema.type === "string") return null;
  return random.of([null, schema.type === "array" ? [] : {}]);
}

function randomItems(random: Random, { items = {}, ...list }: Schema, nothings: boolean): Value {
  const names = random.some(NAMES).sort(() => random.below(3) - 1);
  if (items.type !== "object") return names;
  const isAtomic = list["x-kubernetes-list-type"] !== "map";
  const keys = list["x-kubernetes-list-map-keys"] ?? [];
  return names.map((key) => {
    const others = random
      .some(["a", "b"])
      .map((name) => [name, randomField(random, items.properties?.[name] ?? {}, nothings && !isAtomic)]);
    // A key that has a default may be left out.
    const side = keys.includes("side") && random.below(2) === 0 ? { side: random.of(["x", "y"]) } : {};
    return { key, ...side, ...Object.fromEntries(others) };
  });
}

/** The same schema, but that some lists and maps below it are whole that were not, or the other way round. */
export function otherwiseWhole(random: Random, schema: Schema): Schema {
  const { properties, additionalProperties, items } = schema;
  const changed: Schema = {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, sometimesWhole(random, one)]),
      ),
    }),
    ...(additionalProperties && { additionalProperties: sometimesWhole(random, additionalProperties) }),
    ...(items && { items: otherwiseWhole(random, items) }),
  };
  return changed;
}

function sometimesWhole(random: Random, schema: Schema): Schema {
  const below = otherwiseWhole(random, schema);
  if (schema.type === "string" || random.below(3) > 0) return below;
  if (schema.type === "array") return { ...below, "x-kubernetes-list-type": otherListType(schema) };
  const isWhole = schema["x-kubernetes-map-type"] === "atomic";
  return { ...below, "x-kubernetes-map-type": isWhole ? "granular" : "atomic" };
}

function otherListType({ items, ...list }: Schema): NonNullable<Schema["x-kubernetes-list-type"]> {
  const isWhole = (list["x-kubernetes-list-type"] ?? "atomic") === "atomic";
  return isWhole ? (items?.type === "object" ? "map" : "set") : "atomic";
}
