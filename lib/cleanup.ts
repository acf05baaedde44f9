/**
 * Closes what was opened, in reverse order. Node 22 has no `using`, so the shape is `const cleanup = new Cleanup(); try { ...cleanup.add(() =>
 * x.close()) } catch { await cleanup.run(); throw }`.
 */
export class Cleanup {
  #undo: (() => unknown)[] = [];

  add(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  /** Hands ownership on: this closes nothing any more. */
  release(): void {
    this.#undo = [];
  }

  /** Runs every step even when one fails, then throws the failures together. Calling it twice does nothing more. */
  async run(): Promise<void> {
    const steps = this.#undo.reverse();
    this.#undo = [];
    const failures: unknown[] = [];
    for (const undo of steps) {
      try {
        await undo();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several things failed to close");
  }
}
