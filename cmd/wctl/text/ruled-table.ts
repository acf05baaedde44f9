import { plainLine } from "./plain.ts";

type PaintCell = (cell: string, column: string, row: readonly string[]) => string;

/** Rows in columns two blanks apart, a line of dashes below the header, as in `kubectl describe`. `paint` gives cells below it their colours. */
export function ruledTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  paint: PaintCell = (cell) => cell,
): string[] {
  const shownRows = rows.map((row) => row.map(plainLine));
  const all = [header, header.map((word) => "-".repeat(word.length)), ...shownRows];
  const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row, index) =>
    row
      .map((cell, at) => {
        const shown = index < 2 ? cell : paint(cell, header[at] ?? "", row);
        return at === row.length - 1 ? shown : shown + " ".repeat(widths[at]! + 2 - cell.length);
      })
      .join(""),
  );
}
