import { type ContentReference, isOf } from "../../../api/content/content-references.ts";
import type { DigestedContent } from "./digests.ts";

/** By `configmaps/NAME/KEY` and `secrets/NAME/KEY`. */
export type Digests = Readonly<Record<string, string>>;

export type FindContent = (plural: ContentReference["plural"], name: string) => DigestedContent | undefined;

/**
 * The digests of all that the references lead to. What a required one leads to no more is as it was `before`: copies that run have it still, and none
 * can start without it.
 */
export function presentDigests(references: readonly ContentReference[], find: FindContent, before: Digests): Digests {
  const found = references.flatMap((reference): [string, string][] => {
    const { plural, name, key, optional } = reference;
    const digests = Object.entries(find(plural, name)?.digests ?? {});
    const these = digests
      .filter(([one]) => key === undefined || one === key)
      .map(([one, digest]): [string, string] => [`${plural}/${name}/${one}`, digest]);
    if (these.length > 0 || optional) return these;
    return Object.entries(before).filter(([id]) => isOf(reference, id));
  });
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a required reference leads to for the first time. That is no change: nothing can have started without it. */
export function firstSeen(references: readonly ContentReference[], present: Digests, before: Digests): Digests {
  const known = Object.keys(before);
  const unknown = references.filter((one) => !one.optional && !known.some((id) => isOf(one, id)));
  return Object.fromEntries(Object.entries(present).filter(([id]) => unknown.some((one) => isOf(one, id))));
}

/** `key "LOG_LEVEL" of configmap "web"`, for each that is in one only or differs; undefined when they are equal. */
export function changedKeys(before: Digests, after: Digests): string | undefined {
  const ids = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = ids.filter((id) => before[id] !== after[id]).map((id) => id.split("/"));
  const objects = Map.groupBy(
    changed,
    ([plural, name]) => `${plural === "secrets" ? "secret" : "configmap"} "${name}"`,
  );
  if (objects.size === 0) return undefined;
  const texts = Array.from(objects, ([object, keys]) => `${keysText(keys.map(([, , key]) => key ?? ""))} of ${object}`);
  return texts.length <= MOST
    ? texts.join("; ")
    : `${texts.slice(0, MOST).join("; ")} and of ${texts.length - MOST} more`;
}

/** So many objects, and keys of each, are named. */
const MOST = 4;

function keysText(keys: readonly string[]): string {
  const named = keys.slice(0, MOST).map((key) => `"${key}"`);
  const more = keys.length > MOST ? ` and ${keys.length - MOST} more` : "";
  return `key${keys.length === 1 ? "" : "s"} ${named.join(", ")}${more}`;
}
