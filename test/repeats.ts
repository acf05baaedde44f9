const SHARE_ON_WINDOWS = 10;
/** `ROUNDS=100 make test ONLY=test/api`, or whatever runs a file: so many times as many. */
const rounds = Number(process.env.ROUNDS ?? 1);

/**
 * How often a test is repeated whose cases are computed alone, made up anew in every run, and say nothing about an operating system: `times`, but a tenth on
 * Windows. There the same code runs in the same engine: a few cases tell that it does, and many are tried on Linux.
 */
export const repeats = (times: number): number =>
  process.platform === "win32" ? Math.ceil(times / SHARE_ON_WINDOWS) : times * rounds;
