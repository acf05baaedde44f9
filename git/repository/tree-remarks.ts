import { oneLine } from "../../lib/one-line.ts";

/** Each becomes a line of the log and an Event, and a repository can have any number. */
const MOST_TOLD = 10;
const LONGEST_PATH = 300;

/** What was left out of a tree, for people. */
export class Remarks {
  readonly #told: string[] = [];
  #others = 0;

  add(path: string, what: string): void {
    if (this.#told.length < MOST_TOLD) this.#told.push(`${oneLine(path, LONGEST_PATH)} ${what}`);
    else this.#others++;
  }

  get lines(): string[] {
    if (this.#others === 0) return this.#told;
    return [...this.#told, `and ${this.#others} more links and submodules that are not read`];
  }
}
