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

/** Nothing in it is null or empty. */
export function randomValue(random: Random, schema: Schema): Value {
  if (schema.type === "string") return random.of(["x", "y", "z"]);
  if (schema.type === "array") return randomItems(random, schema);
  const { properties, additionalProperties = {} } = schema;
  const names = random.some(NAMES);
  return Object.fromEntries(
    names.map((name) => [name, randomValue(random, properties?.[name] ?? additionalProperties)]),
  );
}

function randomItems(random: Random, { items = {}, ...list }: Schema): Value {
  const names = random.some(NAMES).sort(() => random.below(3) - 1);
  if (list["x-kubernetes-list-type"] !== "map") return names;
  const keys = list["x-kubernetes-list-map-keys"] ?? [];
  return names.map((key) => {
    const others = random.some(["a", "b"]).map((name) => [name, randomValue(random, items.properties?.[name] ?? {})]);
    // A key that has a default may be left out.
    const side = keys.includes("side") && random.below(2) === 0 ? { side: random.of(["x", "y"]) } : {};
    return { key, ...side, ...Object.fromEntries(others) };
  });
}
