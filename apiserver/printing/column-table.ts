import type { Stored } from "../../api/object.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Cell, type Column, cellOf, type PrintContext } from "./column.ts";
import type { TableConvertor } from "./table.ts";

const nothing = { items: [], metadata: { resourceVersion: "" } };

/** Makes rows from columns. Cells that depend on other Objects read them by `list`. */
export function columnTable(
  columns: readonly Column[],
  clock: Clock,
  list: PrintContext["list"] = () => nothing,
): TableConvertor {
  return {
    columns,
    rowsOf(objects: readonly Stored[]): (object: Stored) => Cell[] {
      const context = { now: clock.wall(), objects, list };
      return (object) => columns.map((column) => cellOf(column, object, context));
    },
  };
}
