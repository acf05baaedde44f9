import { fieldSchema, itemSchema, type Schema } from "../admission/schema.ts";
import { elementsOf, type FieldSet, LEAF } from "./field-set.ts";
import { isSameManager, type Manager, type Managers } from "./managers.ts";
import { isAtomic } from "./parts.ts";

/**
 * The managers as the schema of today means them (structured-merge-diff `ReconcileFieldSetWithSchema`): whoever owned a part of a list or map that is atomic now
 * owns it whole. What was atomic once is taken as if it never had been, for nobody knows which of its parts its owner meant. Others than the writer own nothing
 * in a version that is not served any more. The same list when nothing changed.
 */
export function reconciled(managers: Managers, schema: Schema, writer: Manager): Managers {
  const served = managers.filter((entry) => entry.apiVersion === writer.apiVersion || isSameManager(entry, writer));
  const entries = served.map((entry) => {
    const fieldsV1 = reconcile(entry.fieldsV1, schema);
    return fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 };
  });
  const isSame = entries.length === managers.length && entries.every((entry, index) => entry === managers[index]);
  return isSame ? managers : entries;
}

function reconcile(node: FieldSet, schema: Schema): FieldSet {
  const elements = elementsOf(node);
  if (elements.length === 0) return node;
  if (isAtomic(schema)) return LEAF;
  let changed: Record<string, FieldSet> | undefined;
  for (const element of elements) {
    const inner = node[element] as FieldSet;
    const below = element.startsWith("f:") ? fieldSchema(schema, element.slice(2)) : itemSchema(schema);
    const next = reconcile(inner, below);
    if (next === inner) continue;
    changed ??= { ...node };
    changed[element] = next;
  }
  return changed ?? node;
}
