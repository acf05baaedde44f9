import type { Stored } from "../../../../api/object.ts";
import { wellKnown } from "../../../../api/scheme.ts";
import { enumerate } from "../../../../lib/wording.ts";
import { age } from "../../text/age.ts";

interface ManagedFields {
  manager?: string;
  operation?: string;
  time?: string;
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
}

/** Who last wrote something other than status, when and what, as far as the object remembers. */
export function lastChange({ metadata }: Stored, now: Date): string | undefined {
  const entries = (metadata.managedFields ?? []) as ManagedFields[];
  const [latest] = entries
    .filter((entry) => entry.subresource !== "status" && entry.time)
    .sort((a, b) => Date.parse(b.time!) - Date.parse(a.time!));
  if (latest) {
    const fields = specFields(latest.fieldsV1);
    return `${age(latest.time, now)} ago by ${latest.manager ?? "somebody"}${fields ? ` (owner of ${fields})` : ""}`;
  }
  const file = metadata.annotations?.[wellKnown.sourceFileAnnotation];
  if (file) return `by the manifest folder, from ${file}`;
  return metadata.annotations?.[wellKnown.lastAppliedAnnotation] ? "by wctl apply or kubectl apply" : undefined;
}

/** The first few fields below `spec` in a field set (`f:` prefix). */
function specFields(fields: Record<string, unknown> | undefined): string {
  const spec = fields?.["f:spec"];
  if (spec === null || typeof spec !== "object") return "";
  const names = Object.keys(spec).flatMap((name) => (name.startsWith("f:") ? [`spec.${name.slice(2)}`] : []));
  return enumerate(names);
}
