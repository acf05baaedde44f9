import type { Table } from "../../../api/http-client.ts";
import type { GetRequest, Lookup } from "./get-targets.ts";
import { selectionOf } from "./selection-of.ts";

/** All pages of the server's table, as one. Rows carry the whole object only when something must be sorted by it. */
export async function requestTable(lookup: Lookup, { flags, context }: GetRequest): Promise<Table> {
  const { client } = await context.session.open();
  const { resource, name } = lookup;
  const common = {
    ...selectionOf(lookup, flags),
    ...(flags["sort-by"] ? { includeObject: "Object" as const } : {}),
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
