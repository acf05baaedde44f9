import type { Table } from "../../../api/http/table.ts";
import { type Paint, unpainted } from "../text/colour.ts";
import { plain } from "../text/plain.ts";
import { eventTone, inTone, statusTone } from "../text/tone.ts";
import { Columns, isPlainAscii } from "./columns.ts";
import { printedOrder } from "./promised-columns.ts";

export type { Table };
export type ColumnDefinition = Table["columnDefinitions"][number];
export type Row = Table["rows"][number];

export interface TableStyle {
  /** Of whose rows it is: `nodes`. */
  plural?: string;
  wide?: boolean;
  noHeaders?: boolean;
  namespace?: boolean;
  showLabels?: boolean;
  /** `-L`: a column for each of these labels. */
  labelColumns?: readonly string[];
  /** Put before the name: `process.wctl.dev`. */
  kindPrefix?: string;
  paint?: Paint;
}

/** Columns whose words have a meaning, by their headers. */
const TONES = { STATUS: statusTone, TYPE: eventTone } as const;

/** Prints pages of one table, then perhaps the rows of a watch: the header comes once, column widths only grow. */
export class TablePrinter {
  readonly #style: TableStyle;
  readonly #columns = new Columns();
  #definitions: readonly ColumnDefinition[] = [];
  #headed = false;

  constructor(style: TableStyle) {
    this.#style = style;
  }

  /** `lead` is a cell before all others (`EVENT` of a watch). */
  format(
    table: Pick<Table, "columnDefinitions" | "rows">,
    lead?: { header: string; cells: readonly string[] },
  ): string {
    if (table.columnDefinitions?.length > 0) this.#definitions = table.columnDefinitions;
    const shown = this.#shown();
    const rows: string[][] = [];
    for (const row of table.rows) rows.push(this.#cells(row, shown));
    if (!isPlainAscii(rows.join()))
      for (const cells of rows) for (const at of cells.keys()) cells[at] = inOneLine(cells[at]!);
    if (lead) for (const [index, cells] of rows.entries()) cells.unshift(lead.cells[index] ?? "");
    const header = [...(lead ? [lead.header] : []), ...this.#header(shown)];
    const isHeaded = !this.#headed && !this.#style.noHeaders;
    if (isHeaded) rows.unshift(header);
    this.#headed = true;
    const { paint = unpainted } = this.#style;
    if (paint === unpainted) return this.#columns.format(rows);
    const tones = header.map((name) => (Object.hasOwn(TONES, name) ? TONES[name as keyof typeof TONES] : undefined));
    return this.#columns.format(rows, (cell, row, column) =>
      isHeaded && row === 0 ? paint("bold", cell) : inTone(paint, tones[column]?.(cell), cell),
    );
  }

  #shown(): number[] {
    const { wide, plural = "" } = this.#style;
    const order = printedOrder(
      plural,
      this.#definitions.map(({ name }) => name),
    );
    return wide ? order : order.filter((at) => (this.#definitions[at]!.priority ?? 0) === 0);
  }

  #header(shown: readonly number[]): string[] {
    const { namespace, labelColumns = [], showLabels } = this.#style;
    return [
      ...(namespace ? ["NAMESPACE"] : []),
      ...shown.map((at) => inOneLine(this.#definitions[at]!.name.toUpperCase())),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf("/") + 1).toUpperCase()),
      ...(showLabels ? ["LABELS"] : []),
    ];
  }

  #cells(row: Row, shown: readonly number[]): string[] {
    const { namespace, labelColumns = [], showLabels, kindPrefix } = this.#style;
    const metadata = row.object?.metadata;
    const cells: string[] = [];
    for (const index of shown) cells.push(cellText(row.cells[index]));
    if (kindPrefix && this.#definitions[0]?.format === "name") cells[0] = `${kindPrefix}/${cells[0]}`;
    if (namespace) cells.unshift(metadata?.namespace ?? "");
    for (const label of labelColumns) cells.push(metadata?.labels?.[label] ?? "");
    if (showLabels) cells.push(labelsText(metadata?.labels));
    return cells;
  }
}

/** A missing value is an empty cell. */
function cellText(cell: unknown): string {
  if (typeof cell === "string") return cell;
  if (cell === null || cell === undefined) return "";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

/** Cut at the first line break, as kubectl does, and harmless for a terminal. */
function inOneLine(text: string): string {
  const end = text.search(/[\f\n\r]/);
  return end < 0 ? plain(text) : `${plain(text.slice(0, end))}...`;
}

export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? "<none>" : pairs.map(([key, value]) => `${key}=${value}`).join(",");
}
