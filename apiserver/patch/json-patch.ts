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
  for (const operation of operations) {
    assertApplicable(holder, operation);
    if (operation.op === "copy") copied += sizeAt(holder, operation.from ?? "");
    if (copied > MAX_COPIED) throw unprocessable();
    if (operation.op !== "test" && applyPatch(holder, [operation as Operation])[0]) throw unprocessable();
  }
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
    if (op !== "remove" && value === undefined) throw wrong("value is missing");
    return { op, path: `/root${path}`, value };
  }
  if (!isPointer(from)) throw wrong("from must be a JSON pointer");
  return { op, path: `/root${path}`, from: `/root${from}` };
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
function assertApplicable(holder: object, operation: JsonPatchOperation): void {
  for (const pointer of [operation.path, operation.from]) if (pointer) assertIndex(holder, pointer);
  if (operation.op !== "add") assertPresent(holder, operation.from ?? operation.path);
  if (operation.op === "remove" && operation.path === "/root") throw unprocessable();
  if (operation.op === "test" && !sameJson(valueAt(holder, operation.path), operation.value)) throw unprocessable();
}

/** Arrays have members that JSON does not know (`length`), and rfc6902 reads "1x" as 1. */
function assertIndex(holder: object, pointer: string): void {
  const { parent, key } = Pointer.fromJSON(pointer).evaluate(holder);
  if (Array.isArray(parent) && key !== "-" && !/^(?:0|[1-9]\d{0,9})$/.test(key)) throw unprocessable();
  if (!isContainer(parent)) throw unprocessable();
}

function assertPresent(holder: object, pointer: string): void {
  const { parent, key } = Pointer.fromJSON(pointer).evaluate(holder);
  if (!isContainer(parent) || !Object.hasOwn(parent, key)) throw unprocessable();
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;

const valueAt = (holder: object, pointer: string): unknown => Pointer.fromJSON(pointer).evaluate(holder).value;

const sizeAt = (holder: object, pointer: string): number => JSON.stringify(valueAt(holder, pointer)).length;

/** The Kubernetes API server says no more than this, whatever was wrong. */
const unprocessable = (): StatusError =>
  new StatusError("Invalid", "the server rejected our request due to an error in our request", { details: {} });
