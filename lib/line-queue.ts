/** If more characters wait, the reader is stuck; then lines are dropped, so that memory stays bounded. */
const LIMIT = 1024 * 1024;

/**
 * Lines waiting for a slow or failing writer. `push` never blocks, throws or rejects, and memory stays bounded. Lines go out
 * in order, many in one write. Lines that a failed write took, or that found no room, are counted; the next write that
 * can succeed begins with a line that says how many.
 */
export class LineQueue {
  readonly #write: (text: string) => Promise<void>;
  readonly #lostLine: (count: number) => string;
  #waiting: string[] = [];
  #size = 0;
  #lost = 0;
  #draining: Promise<void> | undefined;

  /** @param lostLine makes the line that stands for `count` lost ones */
  constructor(write: (text: string) => Promise<void>, lostLine: (count: number) => string) {
    this.#write = write;
    this.#lostLine = lostLine;
  }

  /** Lines that were lost and not yet reported. */
  get lost(): number {
    return this.#lost;
  }

  /** @param line without its newline */
  push(line: string): void {
    if (this.#size + line.length > LIMIT) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#size += line.length;
    this.#draining ??= this.#drain();
  }

  /** Resolves when nothing waits any more, also when it could not be written. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // It begins one turn later, so that all lines of this turn leave together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      const lost = this.#lost;
      this.#waiting = [];
      this.#size = 0;
      this.#lost = 0;
      const report = lost > 0 ? [this.#lostLine(lost)] : [];
      try {
        await this.#write(`${[...report, ...lines].join("\n")}\n`);
      } catch {
        this.#lost += lost + lines.length;
      }
    }
    this.#draining = undefined;
  }
}
