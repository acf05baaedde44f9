import type { Output } from "./output.ts";

/**
 * What takes long, on one line that is rewritten in place. Only a person at a terminal sees it: elsewhere nothing is
 * written, so that logs and pipes stay clean.
 */
export class Progress {
  readonly #output: Output;
  #shown = "";

  constructor(output: Output) {
    this.#output = output;
  }

  show(text: string): void {
    const fitting = text.length < this.#output.columns ? text : `${text.slice(0, this.#output.columns - 2)}…`;
    if (!this.#output.isTTY || text === "" || fitting === this.#shown) return;
    void this.#output.write(`\r\x1b[K${fitting}`); // Nobody waits for a terminal to show it.
    this.#shown = fitting;
  }

  /** Takes the line away; call it before anything else is written, and at the end. */
  clear(): void {
    if (this.#shown !== "") void this.#output.write("\r\x1b[K");
    this.#shown = "";
  }
}
