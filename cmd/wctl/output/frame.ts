import type { Output } from "./output.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Lines that are drawn again and again in one place of a terminal, cut to the window. The last ones stay when the program ends, with the cursor
 * below them: nothing has to be put right, whatever ends it.
 */
export class Frame {
  readonly #output: Output;
  readonly #size: Terminal["size"];
  #height = 0;
  #columns = 0;

  constructor(output: Output, size: Terminal["size"]) {
    this.#output = output;
    this.#size = size;
  }

  /** Lines beyond the window are left out. `paint` gives a line its colours after it was cut. */
  async draw(lines: readonly string[], paint: (line: string, index: number) => string): Promise<void> {
    const { columns, rows } = this.#size();
    // In a narrower window the lines that stand there are broken, and nobody knows how many they are now.
    const back = columns < this.#columns ? "\x1b[H\x1b[2J" : this.#height > 0 ? `\x1b[${this.#height}A\r` : "\r";
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const text = shown.map((line, index) => `${paint(line.slice(0, columns - 1), index)}\x1b[K\r\n`).join("");
    this.#height = shown.length;
    this.#columns = columns;
    await this.#output.write(`${back}${text}\x1b[J`);
  }
}
