import { type After, after, OBEYED, type State } from "./control-sequences.ts";
import type { TextFilter } from "./line-splitter.ts";

const RESET = "\x1b[0m";
/** A longer one is no colour. */
const LONGEST_SGR = 64;

/**
 * Makes foreign text harmless for a terminal: control sequences go as a whole, with what they carry (titles, links, what goes to the clipboard), and so do
 * single control characters, also those that turn the direction of text around. Colours (SGR) stay, if they are wanted, and end with their line. The text may come in any pieces. No sequence goes on over the
 * end of a line, so what is unfinished there takes nothing of the next line with it.
 */
export class TerminalText implements TextFilter {
  readonly #colours: boolean;
  #state: State = "text";
  /** What the present CSI sequence has had so far. */
  #parameters = "";
  #isColoured = false;

  constructor({ colours }: { colours: boolean }) {
    this.#colours = colours;
  }

  push(text: string): string {
    if (this.#state === "text" && !this.#isColoured && !OBEYED.test(text)) return text;
    let shown = "";
    for (const character of text) shown += this.#take(character);
    return shown;
  }

  cut(): string {
    if (!this.#isColoured) return "";
    this.#isColoured = false;
    return RESET;
  }

  #take(character: string): string {
    if (character === "\n") {
      this.#state = "text";
      return `${this.cut()}\n`;
    }
    const before = this.#state;
    const { state, shown, isSgr }: After = after(before, character);
    this.#state = state;
    if (state === "csi") this.#collect(before, character);
    return isSgr ? this.#sgr() : shown;
  }

  #collect(before: State, character: string): void {
    if (before !== "csi" || character === "\x9b") this.#parameters = "";
    else if (!OBEYED.test(character) && this.#parameters.length <= LONGEST_SGR) this.#parameters += character;
  }

  #sgr(): string {
    const parameters = this.#parameters;
    if (!this.#colours || parameters.length > LONGEST_SGR || !/^[\d:;]*$/.test(parameters)) return "";
    this.#isColoured = !/^[0;]*$/.test(parameters);
    return `\x1b[${parameters}m`;
  }
}
