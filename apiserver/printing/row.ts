import type { Stored } from "../../api/object.ts";
import { age } from "./age.ts";
import { type Cell, type Column, cellAtPath, valueAt } from "./column.ts";

/** One row of a Table. All of it but the cells of the moment stays as it is while the Objects do that it was made from. */
export interface Row {
  /** The other Objects that it was made from. */
  readonly related: readonly Stored[];
  /** JSON of the cells, joined by commas. Between each piece and the next is a cell of the moment. */
  readonly pieces: readonly string[];
  readonly moments: readonly ((now: Date) => Cell)[];
}

export function makeRow(columns: readonly Column[], object: Stored, related: readonly Stored[]): Row {
  const pieces: string[] = [];
  const moments: Row["moments"][number][] = [];
  let piece = "";
  for (const [at, column] of columns.entries()) {
    if (at > 0) piece += ",";
    const moment = momentOf(column, object);
    if (moment === undefined) {
      piece += JSON.stringify(column.cell ? column.cell(object, related) : cellAtPath(object, column.path ?? ""));
      continue;
    }
    pieces.push(piece);
    moments.push(moment);
    piece = "";
  }
  pieces.push(piece);
  return { related, pieces, moments };
}

/** How the cell is worked out anew each time, where that is needed. */
function momentOf(column: Column, object: Stored): ((now: Date) => Cell) | undefined {
  const { cellNow, path, type } = column;
  if (cellNow) return (now) => cellNow(object, now);
  if (path === undefined || type !== "date") return undefined;
  const time = valueAt(object, path);
  return (now) => age(time, now);
}

export function rowText({ pieces, moments }: Row, now: Date): string {
  let text = pieces[0] ?? "";
  for (let at = 0; at < moments.length; at++) text += JSON.stringify(moments[at]?.(now)) + pieces[at + 1];
  return text;
}

export const isMadeFrom = ({ related }: Row, others: readonly Stored[]): boolean =>
  related === others || (related.length === others.length && related.every((one, at) => one === others[at]));

/** Characters, and about what the rest takes. */
export const sizeOfRow = ({ pieces }: Row): number => pieces.reduce((sum, piece) => sum + piece.length, 200);
