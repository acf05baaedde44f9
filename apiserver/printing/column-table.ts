import type { Stored } from "../../api/object.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Column } from "./column.ts";
import { RecentlyMade } from "./recently-made.ts";
import { isMadeFrom, makeRow, type Row, rowText, sizeOfRow } from "./row.ts";
import type { TableConvertor } from "./table.ts";

/** The other Objects that the cells of this one are worked out from. */
export type RelatedTo = (object: Stored) => readonly Stored[];

/** Of all Tables of one kind, in characters. */
const MOST = 8 * 1024 * 1024;
const nothing: readonly Stored[] = [];

/** Makes rows from columns: each once for as long as its Objects are the same, so that who lists again pays for nothing but the ages. */
export function columnTable(
  columns: readonly Column[],
  clock: Clock,
  relatedTo: RelatedTo = () => nothing,
): TableConvertor {
  const rows = new RecentlyMade<Row>({ most: MOST, sizeOf: sizeOfRow, clock });
  const rowOf = (object: Stored): Row => {
    const related = relatedTo(object);
    const known = rows.get(object);
    if (known && isMadeFrom(known, related)) return known;
    const row = makeRow(columns, object, related);
    // Objects from the Store are frozen: this one will not change.
    if (Object.isFrozen(object)) rows.set(object, row);
    return row;
  };
  return {
    columns,
    begin() {
      const now = clock.wall();
      return (object) => rowText(rowOf(object), now);
    },
  };
}
