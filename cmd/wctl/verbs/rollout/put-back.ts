import { secretTypeOf } from "../../../../api/content/kept-copy.ts";
import type { Place } from "../../../../api/content/recorded-content.ts";
import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, Secret } from "../../../../api/types.generated.ts";

export type Content = ConfigMap | Secret;

/** A change of one Object; `value`s are never printed. */
export interface PutBack {
  plural: Place["plural"];
  name: string;
  /** Which keys change, by name. */
  keys: string[];
  /** The Object as it was read; undefined: it is made anew. */
  live: Stored<Content> | undefined;
  data: Record<string, string | null>;
  binaryData: Record<string, string | null>;
  /** Of a Secret that is made anew. */
  type?: string | undefined;
}

/** What makes the Object what its copy was, as far as it belongs to the revision; undefined: it is that already. */
export function putBack(
  { plural, name, keys }: Place,
  copy: Stored<Content> | undefined,
  live: Stored<Content> | undefined,
): PutBack | undefined {
  const [then, now] = [valuesOf(copy), valuesOf(live)];
  const concerned = keys ?? new Set([...then.keys(), ...now.keys()]);
  const changed = [...concerned].filter((key) => then.get(key)?.value !== now.get(key)?.value);
  if (changed.length === 0) return undefined;
  const result: PutBack = { plural, name, keys: changed.toSorted(), live, data: {}, binaryData: {} };
  for (const key of changed) {
    const [wanted, present] = [then.get(key), now.get(key)];
    if (present && present.field !== wanted?.field) result[present.field][key] = null;
    if (wanted) result[wanted.field][key] = wanted.value;
  }
  return live || !copy ? result : { ...result, type: secretTypeOf(copy) };
}

type Field = "data" | "binaryData";

function valuesOf(object: Content | undefined): Map<string, { field: Field; value: string }> {
  const binaryData = object && "binaryData" in object ? object.binaryData : undefined;
  const of = (field: Field, values: Record<string, string> = {}): [string, { field: Field; value: string }][] =>
    Object.entries(values).map(([key, value]) => [key, { field, value }]);
  return new Map([...of("data", object?.data), ...of("binaryData", binaryData)]);
}
