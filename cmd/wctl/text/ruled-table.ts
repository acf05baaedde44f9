/** Rows in columns two blanks apart, a line of dashes below the header, as in `kubectl describe`. */
export function ruledTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, header.map((word) => "-".repeat(word.length)), ...rows];
  const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]! + 2))).join(""),
  );
}
