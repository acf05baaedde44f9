import { type ContentReference, contentReferencesOf, isVariable } from "../../../../api/content/content-references.ts";
import { secretTypeOf } from "../../../../api/content/kept-copy.ts";
import type { Stored } from "../../../../api/object.ts";
import type { ConfigMap, Process, Secret } from "../../../../api/types.generated.ts";
import type { Revision } from "../../rollout/revisions.ts";

export type Plural = ContentReference["plural"];
export type Content = ConfigMap | Secret;

/** One ConfigMap or Secret that a revision was made with, and which keys of it. */
export interface Place {
  plural: Plural;
  name: string;
  /** Absent: all keys. */
  keys?: ReadonlySet<string>;
  /** The kept copy; undefined: it was not there. */
  keptAs?: string | undefined;
}

/** A change of one Object; `value`s are never printed. */
export interface PutBack {
  plural: Plural;
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

/**
 * The ConfigMaps and Secrets that belong to a revision. What a program is told of in place is not among them. `unkept`: those that have changed and of
 * which there is no copy.
 */
export function placesOf(
  process: Stored<Process>,
  { template, recorded }: Revision,
): { places: Place[]; unkept: string[] } {
  if (recorded?.key === undefined) return { places: [], unkept: [] };
  const references = contentReferencesOf(template);
  const { action } = process.spec.configChange ?? {};
  const counted = action === "Signal" || action === "Exec" ? references.filter(({ isFile }) => !isFile) : references;
  const isCounted = (id: string): boolean => isVariable(references, id) || counted === references;
  const byPlace = Map.groupBy(counted, ({ plural, name }) => `${plural}/${name}`);
  const places: Place[] = [];
  const unkept: string[] = [];
  for (const [place, these] of byPlace) {
    const { plural, name } = these[0]!;
    const keptAs = recorded.kept?.[place];
    const digests = (of: Record<string, string> | undefined): string =>
      JSON.stringify(
        Object.entries(of ?? {})
          .filter(([id]) => id.startsWith(`${place}/`) && isCounted(id))
          .sort(),
      );
    const had = digests(recorded.digests);
    const isSame = recorded.key === process.status?.content?.key && had === digests(process.status.content.digests);
    if (keptAs === undefined && isSame) continue;
    if (keptAs === undefined && had !== "[]") unkept.push(place);
    const keys = new Set(these.flatMap(({ key }) => key ?? []));
    places.push({ plural, name, keptAs, ...(these.every(({ key }) => key !== undefined) && { keys }) });
  }
  return { places, unkept };
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
