import type { Stored } from "../../../../api/object.ts";
import { wellKnown } from "../../../../api/scheme.ts";
import { age } from "../../text/age.ts";
import type { Entry } from "../../text/labelled-lines.ts";

/** The first lines of every description. The long copy of the last applied manifest is left out, as in kubectl. */
export function metadataEntries({ metadata }: Stored, now: Date): Entry[] {
  const { [wellKnown.lastAppliedAnnotation]: _, ...annotations } = metadata.annotations ?? {};
  const owner = metadata.ownerReferences?.find((reference) => reference.controller);
  return [
    ["Name", metadata.name],
    ["Namespace", metadata.namespace],
    ["Labels", pairs(metadata.labels ?? {}, "=")],
    ["Annotations", pairs(annotations, ": ")],
    ["Controlled By", owner && `${owner.kind}/${owner.name}`],
    ["Created", `${metadata.creationTimestamp} (${age(metadata.creationTimestamp, now)} ago)`],
    [
      "Being Deleted",
      metadata.deletionTimestamp && `since ${metadata.deletionTimestamp}, held by ${metadata.finalizers?.join(", ")}`,
    ],
  ];
}

function pairs(map: Readonly<Record<string, string>>, between: string): string {
  const lines = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return lines.length === 0 ? "<none>" : lines.map(([key, value]) => `${key}${between}${value}`).join("\n");
}
