import { isExpired, StatusError } from "../../../../api/errors.ts";
import type { Table, TableEvent } from "../../../../api/http/table.ts";
import { sleep } from "../../../../lib/clock.ts";
import { TablePrinter } from "../../printers/table.ts";
import type { GetRequest, Lookup } from "./get-targets.ts";
import { requestTable } from "./request-table.ts";
import { selectionOf } from "./selection-of.ts";
import { styleOf } from "./tables.ts";

const PAUSE_MS = 250;

/**
 * The list, then a row for every change until Ctrl-C. When the server ends the watch or is away for a while, it goes on from the
 * last version seen, or, when that is too old, with the rows that are newer than it.
 */
export async function watchTables(request: GetRequest): Promise<number> {
  const { targets, flags, context } = request;
  const lookup = targets[0]!;
  const printer = new TablePrinter(styleOf(request, lookup, false));
  const show = async (table: Pick<Table, "columnDefinitions" | "rows">, type: string): Promise<void> => {
    if (table.rows.length === 0) return;
    const lead = flags["output-watch-events"] ? { header: "EVENT", cells: table.rows.map(() => type) } : undefined;
    await context.out.write(printer.format(table, lead));
  };
  const listed = await requestTable(lookup, request);
  let seen = versionOf(listed);
  if (!flags["watch-only"]) await show(listed, "ADDED");
  while (!context.signal.aborted) {
    try {
      for await (const { type, table } of watchFrom(lookup, request, seen)) {
        seen = latest(seen, versionOf(table));
        if (type !== "BOOKMARK") await show(table, type);
      }
    } catch (error) {
      if (!isExpired(error)) throwUnlessPassing(error);
      else {
        const now = await requestTable(lookup, request);
        await show({ ...now, rows: now.rows.filter((row) => Number(rowVersion(row)) > Number(seen)) }, "MODIFIED");
        seen = versionOf(now);
      }
    }
    await sleep(context.clock, PAUSE_MS, context.signal).catch(() => undefined);
  }
  return 0;
}

async function* watchFrom(
  lookup: Lookup,
  { flags, context }: GetRequest,
  resourceVersion: string,
): AsyncGenerator<TableEvent> {
  const { client } = await context.session.open();
  const options = { ...selectionOf(lookup, flags), resourceVersion, bookmarks: true, signal: context.signal };
  yield* client.watchTable(lookup.resource, options);
}

/** The server is restarting or busy, so another try may succeed. */
function throwUnlessPassing(error: unknown): void {
  const passing = error instanceof StatusError && [429, 500, 503, 504].includes(error.code);
  if (!passing) throw error;
}

const rowVersion = (row: Table["rows"][number]): string =>
  (row.object?.metadata as { resourceVersion?: string } | undefined)?.resourceVersion ?? "0";

/** Of the list; in a watch event, of its row. */
const versionOf = (table: Table): string =>
  table.rows.map(rowVersion).reduce(latest, table.metadata?.resourceVersion ?? "0");

const latest = (a: string, b: string): string => (Number(b) > Number(a) ? b : a);
