/** Go's text/tabwriter as kubectl sets it up: at least 6 wide, 3 blanks between columns, the last cell as it is. */
const MIN_WIDTH = 6;
const PADDING = 3;

/**
 * Lays rows out in columns. Rows printed later by the same Columns keep at least the widths seen so far, so the rows of a
 * watch stand under those of the list before them.
 */
export class Columns {
  #widths: number[] = [];

  format(rows: readonly (readonly string[])[]): string {
    for (const row of rows) {
      for (let at = 0; at < row.length - 1; at++) {
        this.#widths[at] = Math.max(this.#widths[at] ?? MIN_WIDTH, widthOf(row[at]!) + PADDING);
      }
    }
    let text = "";
    for (const row of rows) {
      for (let at = 0; at < row.length - 1; at++) {
        text += row[at]! + " ".repeat(this.#widths[at]! - widthOf(row[at]!));
      }
      text += `${row.at(-1) ?? ""}\n`;
    }
    return text;
  }
}

const widthOf = (cell: string): number => (/^[\x20-\x7e]*$/.test(cell) ? cell.length : [...cell].length);

/** One table at once. */
export const inColumns = (rows: readonly (readonly string[])[]): string => new Columns().format(rows);
