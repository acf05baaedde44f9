import { randomFrom } from "../random.ts";

/** All chance of one request: the same for the same seeds, on every machine. */
export class Dice {
  readonly #random: () => number;
  readonly #isCalm: boolean;

  /** Half of them play no tricks: what is refused at once shows little. */
  constructor(...seeds: readonly number[]) {
    this.#random = randomFrom(seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) + (mixed >>> 15), 1));
    this.#isCalm = this.chance(0.5);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** As `chance`, of something that is meant to go wrong. */
  trick(probability: number): boolean {
    return this.chance(probability) && !this.#isCalm;
  }

  /** From 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** At most so many, none twice, in their order. */
  some<T>(from: readonly T[], most: number): T[] {
    const wanted = this.below(Math.min(most, from.length) + 1);
    const chosen = new Set<T>();
    for (let n = 0; n < wanted; n++) chosen.add(this.pick(from));
    return from.filter((item) => chosen.has(item));
  }

  /** What makes it, each as likely as its weight says. */
  weighted<T>(...choices: readonly (readonly [weight: number, make: () => T])[]): T {
    let left = this.#random() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of choices) {
      left -= weight;
      if (left < 0) return make();
    }
    return (choices.at(-1) as readonly [number, () => T])[1]();
  }
}
