import { badRequest, StatusError } from "../../api/errors.ts";
import { isObject } from "../../lib/json-object.ts";

/** Nesting of objects and arrays (security rules for bad input). */
export const MAX_DEPTH = 64;
/** Values in one body: far more than any real Object has, few enough that a list of all their faults stays small. */
export const MAX_VALUES = 50_000;
/** Of `metadata.managedFields`, which has a few for each value that somebody owns. Counted apart: an Object of any size can be written back with its managers. */
export const MAX_MANAGED_VALUES = 2 * MAX_VALUES;

/** Characters of all keys and texts of one body, so that many small patches cannot grow an Object beyond what one request may bring. */
export const MAX_CHARACTERS = 3 * 1024 * 1024;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** May this be a key of a body, or a token of a patch path? The others reach into JavaScript's own objects. */
export const isSafeKey = (key: string): boolean => !FORBIDDEN_KEYS.has(key);

/**
 * Refuses what no kind can mean, before anything else reads the body: nesting deeper than 64, keys that reach prototypes,
 * numbers that JSON cannot give back exactly. Throws BadRequest (400), or RequestEntityTooLarge (413).
 */
export function assertWellFormed(body: unknown): void {
  const characters = { left: MAX_CHARACTERS };
  const managers = isObject(body) && isObject(body.metadata) ? body.metadata.managedFields : undefined;
  inspect(body, [], { left: MAX_VALUES, tooMany: `the body has more than ${MAX_VALUES} values`, characters, managers });
  if (managers === undefined) return;
  const tooMany = `metadata.managedFields has more than ${MAX_MANAGED_VALUES} values`;
  inspect(managers, ["metadata", "managedFields"], { left: MAX_MANAGED_VALUES, tooMany, characters });
}

/** What values are left, and what is said when there are none. */
interface Budget {
  left: number;
  tooMany: string;
  characters: { left: number };
  /** Left out where they stand. */
  managers?: unknown;
}

function spend(budget: Budget, values: number, characters: number): void {
  budget.left -= values;
  budget.characters.left -= characters;
  if (budget.left < 0) throw tooLarge(budget.tooMany);
  if (budget.characters.left < 0) throw tooLarge(`the body has more than ${MAX_CHARACTERS} characters`);
}

function inspect(value: unknown, path: (string | number)[], budget: Budget): void {
  spend(budget, 1, typeof value === "string" ? value.length : 0);
  if (typeof value !== "object" || value === null) {
    assertScalar(value, path);
    return;
  }
  if (path.length >= MAX_DEPTH) throw badRequest(`the body is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      path.push(index);
      inspect(value[index], path, budget);
      path.pop();
    }
    return;
  }
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw badRequest(`the key "${key}" is not allowed${at(path)}`);
    spend(budget, 0, key.length);
    path.push(key);
    const item = (value as Record<string, unknown>)[key];
    const isApart = key === "managedFields" && path.length === 2 && item === budget.managers;
    if (!isApart) inspect(item, path, budget);
    path.pop();
  }
}

/** Undefined is an absent value (Objects made in TypeScript have them). */
function assertScalar(value: unknown, path: readonly (string | number)[]): void {
  if (typeof value === "number") {
    if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return;
    throw badRequest(`a number is too large${at(path)}: at most ${Number.MAX_SAFE_INTEGER} can be kept exactly`);
  }
  if (value === null || ["undefined", "string", "boolean"].includes(typeof value)) return;
  throw badRequest(`a ${typeof value} is not JSON${at(path)}`);
}

const at = (path: readonly (string | number)[]): string => {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return text === "" ? "" : ` (at ${text.replace(/^\./, "").slice(0, 200)})`;
};

const tooLarge = (why: string): StatusError =>
  new StatusError("RequestEntityTooLarge", `Request entity too large: ${why}`);
