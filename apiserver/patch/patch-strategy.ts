import type { Schema } from "../admission/schema.ts";

/** How a field is patched, as its schema says it in Kubernetes' words. */
export interface PatchStrategy {
  /** A list: item by item. */
  merges: boolean;
  /** An object: as a whole. */
  replaces: boolean;
  /** The field that tells the items of a list apart; absent for lists of scalars. */
  mergeKey: string | undefined;
}

export function patchStrategyOf(schema: Schema): PatchStrategy {
  const said = schema["x-kubernetes-patch-strategy"]?.split(",") ?? [];
  return {
    merges: said.includes("merge"),
    replaces: said.includes("replace"),
    mergeKey: schema["x-kubernetes-patch-merge-key"],
  };
}
