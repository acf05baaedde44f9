import { isNotFound } from "../../../../api/errors.ts";
import { throwCollected } from "../../errors/throw-collected.ts";
import { line } from "../../output/output.ts";
import { type Table, TablePrinter, type TableStyle } from "../../printers/table.ts";
import { painter } from "../../text/colour.ts";
import { kindName } from "../../text/name.ts";
import { emptyMessage, type GetRequest, type Lookup } from "./get-targets.ts";
import { requestTable } from "./request-table.ts";

/** Prints what the server laid out in columns: one table per kind, a blank line between, empty kinds left out. */
export async function getTables(request: GetRequest): Promise<number> {
  const { flags, context, targets } = request;
  const sections = [...Map.groupBy(targets, ({ resource }) => resource).values()];
  const errors: unknown[] = [];
  const tables = await Promise.all(sections.map((section) => sectionTable(section, request, errors)));
  let gap = "";
  for (const [index, table] of tables.entries()) {
    if (table.rows.length === 0) continue;
    const printer = new TablePrinter(styleOf(request, sections[index]![0]!, sections.length > 1));
    const sorted = flags["sort-by"] ? await sortTable(table, flags["sort-by"]) : table;
    await context.out.write(gap + printer.format(sorted));
    gap = flags["no-headers"] ? "" : "\n";
  }
  const nothing = tables.every((table) => table.rows.length === 0);
  if (nothing && errors.length === 0 && !flags["ignore-not-found"]) await line(context.err, emptyMessage(request));
  throwCollected(errors);
  return 0;
}

/** All rows of one kind; several names make one table, as do several pages. */
async function sectionTable(section: readonly Lookup[], request: GetRequest, errors: unknown[]): Promise<Table> {
  const whole: Table = { kind: "Table", columnDefinitions: [], rows: [] };
  const results = await Promise.allSettled(section.map((lookup) => requestTable(lookup, request)));
  for (const result of results) {
    if (result.status === "fulfilled") {
      whole.columnDefinitions = result.value.columnDefinitions;
      whole.rows.push(...result.value.rows);
      if (result.value.metadata) whole.metadata = result.value.metadata;
    } else if (!(request.flags["ignore-not-found"] && isNotFound(result.reason))) errors.push(result.reason);
  }
  return whole;
}

export const styleOf = (
  { flags, format, context }: GetRequest,
  { resource }: Lookup,
  severalKinds: boolean,
): TableStyle => ({
  plural: resource.plural,
  paint: painter(context.out),
  wide: format.kind === "table" && format.wide,
  noHeaders: flags["no-headers"],
  namespace: flags["all-namespaces"] && resource.namespaced,
  showLabels: flags["show-labels"],
  labelColumns: flags["label-columns"],
  ...(severalKinds || flags["show-kind"] ? { kindPrefix: kindName(resource) } : {}),
});

async function sortTable(table: Table, path: string): Promise<Table> {
  const { sortBy } = await import("./sort-by.ts");
  return { ...table, rows: sortBy(table.rows, path, (row) => row.object) };
}
