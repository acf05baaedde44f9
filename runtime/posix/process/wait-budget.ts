/** Milliseconds that may be waited for one user at once. */
const MOST = 500;
/** Of all time, that may be waited for one user: 50 ms in a second. */
const SHARE = 0.05;

interface Purse {
  left: number;
  /** When it was filled last, ms. */
  at: number;
}

/**
 * How long may be waited for the processes of a user: anybody can hold up his own in the middle of an exec (a file system of his own), as many as
 * he likes, and for ever. Nobody's use up what there is for another's.
 */
export class Patience {
  readonly #now: () => number;
  readonly #purses = new Map<number, Purse>();

  /** `now`: monotonic ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes one millisecond; false when there is none. */
  take(user: number): boolean {
    const now = this.#now();
    const purse = this.#purses.get(user) ?? { left: MOST, at: now };
    const left = Math.min(MOST, purse.left + (now - purse.at) * SHARE);
    const has = left >= 1;
    this.#purses.set(user, { left: has ? left - 1 : left, at: now });
    return has;
  }
}
