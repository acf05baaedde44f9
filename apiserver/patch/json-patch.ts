import { applyPatch, type Operation, Pointer } from "rfc6902";
import type { JsonPatchOperation } from "../../api/client.ts";
import { badRequest, StatusError } from "../../api/errors.ts";
import { isObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";
import { isSafeKey, MAX_DEPTH } from "../admission/well-formed.ts";

/** As in the Kubernetes API server. */
export const MAX_OPERATIONS = 10_000;
/** What all `copy` operations of one patch may add together, in characters of JSON; the size of the largest body. */
export const MAX_COPIED = 3 * 1024 * 1024;

/** Where the Object itself is. */
const ROOT = "/root";

const OPERATIONS: ReadonlySet<unknown> = new Set(["add", "remove", "replace", "move", "copy", "test"]);

/**
 * RFC 6902 on a copy of `target`. A patch that is no patch is BadRequest (400), one with too many operations RequestEntityTooLarge
 * (413), one that cannot be applied, or whose `test` fails, is Invalid (422) in the Kubernetes API server's words.
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  const operations = checkedOperations(patch);
  // rfc6902 works in place, and the root can only be replaced as a member of something.
  const holder = { root: structuredClone(target) };
  try {
    applyAll(holder, operations);
  } catch (error) {
    // Moves can nest a value deeper than the stack is high; no Object is that deep.
    throw error instanceof RangeError ? unprocessable() : error;
  }
  return holder.root;
}

function applyAll(holder: object, operations: readonly JsonPatchOperation[]): void {
  let copied = 0;
  for (const written of operations) {
    const operation = resolved(holder, written);
    assertApplicable(holder, operation);
    if (operation.op === "copy") copied += sizeAt(holder, operation.from ?? "");
    if (copied > MAX_COPIED) throw unprocessable();
    if (operation.op !== "test" && applyPatch(holder, [operation as Operation])[0]) throw unprocessable();
  }
}

/** The operation with indices as RFC 6902 has them. */
function resolved(holder: object, operation: JsonPatchOperation): JsonPatchOperation {
  const adds = operation.op === "add" || operation.op === "copy" || operation.op === "move";
  const path = resolvedPointer(holder, operation.path, adds);
  const { from } = operation;
  return { ...operation, path, ...(from === undefined ? {} : { from: resolvedPointer(holder, from, false) }) };
}

/** As on the real server -1 is the last item, or the place behind it for what is added. Throws for what is no index of the list that it is about. */
function resolvedPointer(holder: object, pointer: string, adds: boolean): string {
  const { tokens } = Pointer.fromJSON(pointer);
  let at: unknown = holder;
  for (const [n, token] of tokens.entries()) {
    if (n === 0) continue;
    if (Array.isArray(at)) tokens[n] = indexOf(token, at.length, adds && n === tokens.length - 1);
    else if (!isContainer(at)) throw unprocessable();
    const key = tokens[n] as string;
    at = Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined;
  }
  return new Pointer(tokens).toString();
}

function indexOf(token: string, length: number, isPlace: boolean): string {
  if (isPlace && token === "-") return token;
  if (!/^[+-]?\d{1,10}$/.test(token)) throw unprocessable();
  const end = isPlace ? length + 1 : length;
  const index = Number(token) < 0 ? Number(token) + end : Number(token);
  if (index < 0 || index >= end) throw unprocessable();
  return String(index);
}

function checkedOperations(patch: unknown): JsonPatchOperation[] {
  if (!Array.isArray(patch)) throw badRequest("error decoding patch: a JSON patch is an array of operations");
  if (patch.length > MAX_OPERATIONS) {
    throw new StatusError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  return patch.map(checkedOperation);
}

function checkedOperation(operation: unknown, index: number): JsonPatchOperation {
  const wrong = (why: string): StatusError => badRequest(`error decoding patch: operation ${index}: ${why}`);
  if (!isObject(operation)) throw wrong("must be an object");
  if (!OPERATIONS.has(operation.op)) throw wrong("op must be add, remove, replace, move, copy or test");
  if (!isPointer(operation.path)) throw wrong("path must be a JSON pointer");
  const { op, path, from, value } = operation as unknown as JsonPatchOperation;
  if (op !== "move" && op !== "copy") {
    if (op !== "remove" && op !== "test" && value === undefined) throw wrong("value is missing");
    return { op, path: ROOT + path, value };
  }
  if (!isPointer(from)) throw wrong("from must be a JSON pointer");
  return { op, path: ROOT + path, from: ROOT + from };
}

function isPointer(text: unknown): text is string {
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/"))) return false;
  // Nothing is there, and to look for it a million steps deep would be work.
  if (text.split("/", MAX_DEPTH + 2).length > MAX_DEPTH + 1) throw unprocessable();
  for (const token of Pointer.fromJSON(text).tokens) {
    if (!isSafeKey(token)) throw badRequest(`the key "${token}" is not allowed in a patch path`);
  }
  return true;
}

/** What rfc6902 itself is not strict about; `test` is decided here, in linear time. */
function assertApplicable(holder: object, { op, path, from, value = null }: JsonPatchOperation): void {
  if (op === "test") {
    // As on the real server nothing is as good as null.
    if (!sameJson(isPresent(holder, path) ? valueAt(holder, path) : null, value)) throw unprocessable();
    return;
  }
  // Nor does that move, copy, add or remove anything but parts.
  if (op !== "replace" && [path, from].includes(ROOT)) throw unprocessable();
  if (op !== "add" && !isPresent(holder, from ?? path)) throw unprocessable();
}

function isPresent(holder: object, pointer: string): boolean {
  const { parent, key } = Pointer.fromJSON(pointer).evaluate(holder);
  return isContainer(parent) && Object.hasOwn(parent, key);
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;

const valueAt = (holder: object, pointer: string): unknown => Pointer.fromJSON(pointer).evaluate(holder).value;

const sizeAt = (holder: object, pointer: string): number => JSON.stringify(valueAt(holder, pointer)).length;

/** The Kubernetes API server says no more than this, whatever was wrong. */
const unprocessable = (): StatusError =>
  new StatusError("Invalid", "the server rejected our request due to an error in our request", { details: {} });
