import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { asMember, elementsOf, type FieldSet, isEmptySet, isMember, LEAF, nodeOf, noFields } from "./field-set.ts";
import { type Part, partsOf } from "./parts.ts";

/** The fields that an applied configuration owns: its leaves, its items of lists, and its keys of maps. */
export function fieldSetOf(value: unknown, schema: Schema): FieldSet {
  const parts = partsOf(value, schema);
  return parts ? ownedParts(parts) : noFields;
}

function ownedParts(parts: ReadonlyMap<string, Part>): FieldSet {
  const owned: Record<string, FieldSet> = {};
  for (const [element, { value, schema, isNamed }] of parts) {
    const inner = partsOf(value, schema);
    // A list that is named and empty has no owner: there is nothing that anybody said of it.
    const member = !inner || !isNamed || (inner.size === 0 && !Array.isArray(value));
    const node = nodeOf(member, inner ? ownedParts(inner) : noFields);
    if (node) owned[element] = node;
  }
  return owned;
}

/** The path of a value that came or went whole, and of all of its parts. */
export function wholeSetOf(value: unknown, schema: Schema): FieldSet {
  const parts = partsOf(value, schema);
  if (!parts || parts.size === 0) return LEAF;
  const owned: Record<string, FieldSet> = {};
  for (const [element, part] of parts) owned[element] = wholeSetOf(part.value, part.schema);
  return nodeOf(true, owned) ?? LEAF;
}

/** The set with the named fields that have something in it below them: when all that is below them goes, they go too. */
export const withNamedFields = (set: FieldSet, schema: Schema): FieldSet =>
  isEmptySet(set) ? set : named(set, schema);

function named(node: FieldSet, schema: Schema): FieldSet {
  const parts: Record<string, FieldSet> = {};
  for (const element of elementsOf(node)) {
    const inner = node[element] as FieldSet;
    const name = element.startsWith("f:") ? element.slice(2) : undefined;
    const isNamed = name !== undefined && schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    const deeper = named(inner, name === undefined ? itemSchema(schema) : fieldSchema(schema, name));
    parts[element] = isNamed ? asMember(deeper) : deeper;
  }
  return nodeOf(isMember(node), parts) ?? LEAF;
}
