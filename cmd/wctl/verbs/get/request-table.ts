import type { Table } from "../../../../api/http/table.ts";
import type { GetFlags, GetRequest, Lookup } from "./get-targets.ts";
import { selectionOf } from "./selection-of.ts";

/** All pages of the server's table, as one. Rows carry no more of the object than is needed: it is most of the answer's size. */
export async function requestTable(lookup: Lookup, { flags, context }: GetRequest): Promise<Table> {
  const { client } = await context.session.open();
  const { resource, name } = lookup;
  const common = {
    ...selectionOf(lookup, flags),
    includeObject: neededObject(flags),
    signal: context.signal,
  };
  if (name !== undefined) return client.table(resource, { ...common, name });
  const limit = flags["chunk-size"] > 0 ? { limit: flags["chunk-size"] } : {};
  const whole = await client.table(resource, { ...common, ...limit });
  for (let next = whole.metadata?.continue; next; ) {
    const page = await client.table(resource, { ...common, ...limit, continue: next });
    whole.rows.push(...page.rows);
    next = page.metadata?.continue;
  }
  return whole;
}

/** Sorting looks at the whole object; namespaces, labels and the versions that a watch starts from are metadata. */
function neededObject(flags: GetFlags): "None" | "Metadata" | "Object" {
  if (flags["sort-by"]) return "Object";
  const watching = flags.watch || flags["watch-only"];
  const shown = flags["all-namespaces"] || flags["show-labels"] || flags["label-columns"].length > 0;
  return watching || shown ? "Metadata" : "None";
}
