import type { Homes } from "../homes/homes.ts";

/** The homes of a runtime that keeps nothing. */
export const noHomes: Homes = {
  all: () => [],
  folder: () => "",
  unused: async () => [],
  unusedOf: () => undefined,
  has: () => false,
  outlives: () => false,
  retain: () => {},
  setOutliving: () => {},
  outlived: () => [],
  remove: async () => true,
  finishRemovals: async () => {},
  isDiskFull: () => false,
  measure: async () => ({ runs: 0, bytes: 0, isPartial: false }),
};
