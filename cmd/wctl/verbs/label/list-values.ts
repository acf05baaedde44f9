import type { Stored } from "../../../../api/object.ts";
import type { Resource } from "../../../../api/scheme.ts";
import { line, type Output } from "../../output/output.ts";
import type { Field } from "./changes.ts";

/** `KEY=VALUE` lines, by key; of several objects each under its own heading. */
export async function listValues(
  out: Output,
  { kind, group }: Resource,
  { metadata }: Stored,
  field: Field,
  isOneOfSeveral: boolean,
): Promise<void> {
  if (isOneOfSeveral) await line(out, `Listing ${field} for ${kind}.${group}/${metadata.name}:`);
  for (const [key, value] of Object.entries(metadata[field] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
    await line(out, `${isOneOfSeveral ? " " : ""}${key}=${value}`);
}
