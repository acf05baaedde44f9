import { plain } from "../text/plain.ts";
import type { Output } from "./output.ts";

/** What each waiting part of a verb says. A terminal has one line for all of them. */
const waiting = new WeakMap<Output, Map<Progress, string>>();
/** The line as it stands there now. */
const standing = new WeakMap<Output, string>();

/**
 * Takes the moving line away that stands there: what else is written, and Ctrl-C, must not leave half of it. Empty when there is none. A window that was made
 * narrower has broken it into several.
 */
export function eraseMovingLine(output: Output): string {
  const { length } = standing.get(output) ?? "";
  const more = Math.ceil(length / output.columns) - 1;
  standing.delete(output);
  if (length === 0) return "";
  return more > 0 ? `\x1b[${more}A\r\x1b[J` : "\r\x1b[K";
}

/**
 * What takes long, on one line that is rewritten in place. Only a person at a terminal sees it: elsewhere nothing is
 * written, so that logs and pipes stay clean.
 */
export class Progress {
  readonly #out: Output;
  readonly #err: Output;
  readonly #texts: Map<Progress, string>;

  constructor({ out, err }: { out: Output; err: Output }) {
    this.#out = out;
    this.#err = err;
    this.#texts = waiting.get(err) ?? new Map();
    waiting.set(err, this.#texts);
  }

  show(text: string): void {
    this.#texts.set(this, text);
    this.#draw();
  }

  /** Writes a whole line of the result; what moves stays below it. */
  async tell(text: string): Promise<void> {
    if (this.#out.isTTY) this.#write("");
    await this.#out.write(`${plain(text)}\n`);
    this.#draw();
  }

  /** Takes this part away; call it at the end. */
  clear(): void {
    this.#texts.delete(this);
    this.#draw();
  }

  #draw(): void {
    const [first = "", ...more] = [...this.#texts.values()].filter((text) => text !== "");
    this.#write(more.length === 0 ? first : `${first} (and ${more.length} more)`);
  }

  #write(text: string): void {
    const width = Math.max(1, this.#err.columns - 1);
    const inOneLine = plain(text.replace(/\s+/g, " "));
    const fitting = inOneLine.length <= width ? inOneLine : `${inOneLine.slice(0, width - 1)}…`;
    const before = standing.get(this.#err) ?? "";
    if (!this.#err.isTTY || fitting === before) return;
    void this.#err.write((eraseMovingLine(this.#err) || "\r\x1b[K") + fitting); // Nobody waits for a terminal to show it.
    standing.set(this.#err, fitting);
  }
}
