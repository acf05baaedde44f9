const SHARE_ON_WINDOWS = 10;

/**
 * How often a test is repeated whose cases are computed alone, and say nothing about an operating system: `times`, but a tenth on Windows. There the same
 * code runs in the same engine: a few cases tell that it does, and many are tried on Linux.
 */
export const repeats = (times: number): number =>
  process.platform === "win32" ? Math.ceil(times / SHARE_ON_WINDOWS) : times;
