import { widthOf } from "./budget.ts";
import { type Built, withMetadata } from "./built.ts";
import type { Fields } from "./fields.ts";
import { setNamespace } from "./set-namespace.ts";
import type { Spending } from "./spending.ts";

/** With the namespace, labels and annotations of a kustomization, in kustomize's order. */
export function transformed(fields: Fields, before: readonly Built[], spending: Spending): Built[] {
  const namespace = fields.text("namespace");
  let all = namespace === undefined ? [...before] : setNamespace(before, namespace, spending.copiesFor(fields));
  for (const entry of fields.maps("labels")) {
    entry.only(["pairs", "includeSelectors", "includeTemplates"], { fields: "labels go to metadata.labels" });
    for (const flag of ["includeSelectors", "includeTemplates"]) {
      if (entry.flag(flag)) throw entry.refuse(flag, "must be false: labels go to metadata.labels only");
    }
    all = withPairs({ fields: entry, field: "labels", pairs: entry.pairs("pairs") }, all, spending);
  }
  const pairs = fields.pairs("commonAnnotations");
  return withPairs({ fields, field: "annotations", pairs }, all, spending);
}

interface Pairs {
  fields: Fields;
  field: "labels" | "annotations";
  pairs: Record<string, string>;
}

function withPairs({ fields, field, pairs }: Pairs, all: readonly Built[], spending: Spending): Built[] {
  if (Object.keys(pairs).length === 0) return [...all];
  spending.added(fields, JSON.stringify(pairs).length, all.length);
  const copies = spending.copiesFor(fields);
  return all.map((built) => {
    const { object } = built.manifest;
    copies(widthOf(object) + widthOf(object.metadata) + widthOf(object.metadata[field]));
    return withMetadata(built, field, pairs);
  });
}
