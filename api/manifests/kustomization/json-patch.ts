import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { isForbiddenKey, MAX_DEPTH } from "../../limits.ts";
import { type Copies, widthOf } from "./budget.ts";
import { BadPatch } from "./strategic-merge.ts";

const MOST_OPERATIONS = 1000;

/**
 * The value with a JSON patch (RFC 6902), which stays as it is. Throws BadPatch. `move` and `copy` are refused: they could carry a secret value to where others
 * read it.
 */
export function jsonPatched(value: unknown, operations: readonly unknown[], copies: Copies): unknown {
  if (operations.length > MOST_OPERATIONS) throw new BadPatch(`it has more than ${MOST_OPERATIONS} operations`);
  return operations.reduce((patched, operation, index) => {
    const where = `operation ${index + 1}`;
    if (!isObject(operation)) throw new BadPatch(`${where} must be a map with op, path and value`);
    return apply(patched, operation, where, copies);
  }, value);
}

function apply(target: unknown, operation: JsonObject, where: string, copies: Copies): unknown {
  const { op, path, value } = operation;
  if (op === "move" || op === "copy") throw new BadPatch(`${where}: ${op} is not supported: use add and remove`);
  if (op !== "add" && op !== "remove" && op !== "replace" && op !== "test") {
    throw new BadPatch(`${where}: op must be add, remove, replace or test`);
  }
  const tokens = tokensOf(path, where);
  if (op !== "remove" && !Object.hasOwn(operation, "value")) throw new BadPatch(`${where}: value is missing`);
  const change = changeOf(op, value);
  return changedAt(
    target,
    tokens,
    (holder, key) => {
      copies(widthOf(holder));
      return change(holder, key, `${where}: ${op} ${String(path)}`);
    },
    copies,
  );
}

type Holder = unknown[] | JsonObject;
type Change = (holder: Holder, key: string, where: string) => Holder;

function changeOf(op: "add" | "remove" | "replace" | "test", value: unknown): Change {
  return (holder, key, where) => {
    const at = Array.isArray(holder) ? indexOf(key, holder.length, op === "add", where) : key;
    const isThere = Array.isArray(holder) ? Number(at) < holder.length : Object.hasOwn(holder, key);
    if (op !== "add" && !isThere) throw new BadPatch(`${where}: there is nothing at that path`);
    if (op === "test") {
      if (!sameJson((holder as JsonObject)[at], value)) throw new BadPatch(`${where}: another value is there`);
      return holder;
    }
    if (!Array.isArray(holder)) {
      if (op !== "remove") return { ...holder, [key]: value };
      const { [key]: _, ...rest } = holder;
      return rest;
    }
    const added = op === "remove" ? [] : [value];
    return holder.toSpliced(Number(at), op === "add" ? 0 : 1, ...added);
  };
}

function changedAt(
  target: unknown,
  [key = "", ...deeper]: readonly string[],
  change: (holder: Holder, key: string) => Holder,
  copies: Copies,
): Holder {
  if (!Array.isArray(target) && !isObject(target))
    throw new BadPatch(`there is nothing that has a ${JSON.stringify(key)}`);
  if (deeper.length === 0) return change(target, key);
  const at = Array.isArray(target) ? indexOf(key, target.length, false, "path") : key;
  const below = Object.hasOwn(target, at) ? (target as JsonObject)[at] : undefined;
  copies(widthOf(target));
  const after = changedAt(below, deeper, change, copies);
  return Array.isArray(target) ? target.with(Number(at), after) : { ...target, [at]: after };
}

function indexOf(key: string, length: number, isPlace: boolean, where: string): string {
  if (isPlace && key === "-") return String(length);
  if (!/^(0|[1-9]\d{0,8})$/.test(key) || Number(key) > length - (isPlace ? 0 : 1)) {
    throw new BadPatch(`${where}: ${JSON.stringify(key)} is no place in that list`);
  }
  return key;
}

function tokensOf(path: unknown, where: string): string[] {
  if (typeof path !== "string" || !path.startsWith("/")) {
    throw new BadPatch(`${where}: path must be a JSON pointer, as /spec/replicas`);
  }
  const tokens = path
    .slice(1)
    .split("/", MAX_DEPTH + 1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (tokens.length > MAX_DEPTH) throw new BadPatch(`${where}: path is deeper than ${MAX_DEPTH}`);
  if (tokens.some(isForbiddenKey)) throw new BadPatch(`${where}: path has a key that is not allowed`);
  return tokens;
}
