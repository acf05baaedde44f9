import { and, type Labels, type Sample } from "./exposition.ts";

/** Seconds; the daemon means to reconcile, and programs to answer a probe, within milliseconds. */
const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30];

/** Times, counted as plain numbers. */
export class Histogram {
  readonly #within = bounds.map(() => 0);
  #seconds = 0;
  #count = 0;

  observe(seconds: number): void {
    this.#seconds += seconds;
    this.#count += 1;
    for (const [index, bound] of bounds.entries()) if (seconds <= bound) this.#within[index]! += 1;
  }

  samples(labels: Labels): Sample[] {
    return [
      ...bounds.map((bound, index) => ({
        suffix: "_bucket",
        labels: and(labels, "le", String(bound)),
        value: this.#within[index]!,
      })),
      { suffix: "_bucket", labels: and(labels, "le", "+Inf"), value: this.#count },
      { suffix: "_sum", labels, value: this.#seconds },
      { suffix: "_count", labels, value: this.#count },
    ];
  }
}
