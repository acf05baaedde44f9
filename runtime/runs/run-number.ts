/** The largest `status.run`; no run has a number beyond it. */
export const LAST_RUN = 2 ** 31 - 1;

/** Reads digits as we write them ourselves; undefined for everything else. */
export function runNumber(digits: string): number | undefined {
  const run = /^[1-9]\d{0,9}$/.test(digits) ? Number(digits) : 0;
  return isRunNumber(run) ? run : undefined;
}

export const isRunNumber = (run: unknown): run is number =>
  Number.isInteger(run) && (run as number) >= 1 && (run as number) <= LAST_RUN;
