import type { BrakeLimits } from "../source/brake.ts";

/** So many may always be pruned or stopped. */
const FEW = 3;

/** As `spec.maxDisruption` says them: a number of objects, or a share of all. */
export function brakeLimits(maxDisruption: number | string = "30%"): BrakeLimits {
  if (typeof maxDisruption === "number") return { few: Math.max(FEW, maxDisruption), share: 0 };
  return { few: FEW, share: Number.parseInt(maxDisruption, 10) / 100 };
}
