/** Go's text/tabwriter as kubectl sets it up: at least 6 wide, 3 blanks between columns, the last cell as it is. */
const MIN_WIDTH = 6;
const PADDING = 3;

type CellPaint = (cell: string, row: number, column: number) => string;

/**
 * Lays rows out in columns. Rows printed later by the same Columns keep at least the widths seen so far, so the rows of a
 * watch stand under those of the list before them.
 */
export class Columns {
  #widths: number[] = [];

  /** `paint` gives a cell its colour after it has its place. */
  format(rows: readonly (readonly string[])[], paint: CellPaint = (cell) => cell): string {
    // Long lists are printed by code that has just started, so every cell is touched little: one look at the whole text instead of
    // one at each cell, and blanks made once (`padEnd` makes up most of the time otherwise).
    const widthOf = isPlainAscii(rows.join()) ? length : characters;
    for (const row of rows) {
      for (let at = 0; at < row.length - 1; at++) {
        const width = widthOf(row[at]!) + PADDING;
        this.#widths[at] = Math.max(this.#widths[at] ?? MIN_WIDTH, width);
      }
    }
    const widths = this.#widths;
    const blanks = Array.from({ length: Math.max(0, ...widths) + 1 }, (_, count) => " ".repeat(count));
    let text = "";
    for (const [index, row] of rows.entries()) {
      for (let at = 0; at < row.length - 1; at++) {
        const cell = row[at]!;
        text += paint(cell, index, at) + blanks[widths[at]! - widthOf(cell)];
      }
      text += `${paint(row.at(-1) ?? "", index, row.length - 1)}\n`;
    }
    return text;
  }
}

export const isPlainAscii = (text: string): boolean => !/[^\x20-\x7e]/.test(text);
const length = (cell: string): number => cell.length;
const characters = (cell: string): number => [...cell].length;

/** One table at once. */
export const inColumns = (rows: readonly (readonly string[])[]): string => new Columns().format(rows);
