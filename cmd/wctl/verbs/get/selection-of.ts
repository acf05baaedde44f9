import type { Selection } from "../../watching/follow.ts";
import type { Lookup } from "./get-targets.ts";

/** The query for a list or a watch; one name is a field selector on the collection. */
export function selectionOf(
  { namespace, name }: Lookup,
  flags: { selector: string | undefined; "field-selector": string | undefined },
): Selection {
  const byName = name === undefined ? [] : [`metadata.name=${name}`];
  const fields = [...byName, ...(flags["field-selector"] ? [flags["field-selector"]] : [])];
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(flags.selector ? { labelSelector: flags.selector } : {}),
    ...(fields.length > 0 ? { fieldSelector: fields.join(",") } : {}),
  };
}
