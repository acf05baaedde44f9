import { isObject } from "../../lib/json-object.ts";
import { type FieldSet, isEmptySet, LEAF, nodeOf, noFields, SELF } from "./field-set.ts";
import { parseElement } from "./path-element.ts";

/**
 * A set that a client wrote, in its one form. What a later version may know (an element of another kind) is left out, as in Kubernetes. Throws TypeError
 * or SyntaxError for what is no set. Expects a well-formed value (no deeper than 64).
 */
export function readFieldsV1(value: unknown): FieldSet {
  if (value === undefined || value === null) return noFields;
  const { [SELF]: _, ...parts } = objectOf(value);
  return readParts(parts);
}

function readNode(value: unknown): FieldSet | undefined {
  const { [SELF]: self, ...parts } = objectOf(value);
  if (self !== undefined) objectOf(self);
  if (self === undefined && isEmptySet(parts as FieldSet)) return LEAF;
  return nodeOf(self !== undefined, readParts(parts));
}

function readParts(parts: Record<string, unknown>): FieldSet {
  const read: Record<string, FieldSet> = {};
  for (const [text, below] of Object.entries(parts)) {
    const element = parseElement(text);
    const node = readNode(below);
    if (element !== undefined && node) read[element] = node;
  }
  return read;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new TypeError("a set of fields is an object of objects");
  return value;
}
