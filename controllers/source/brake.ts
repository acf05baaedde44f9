import type { SourceIdentity } from "./reader.ts";

/** How many Objects may be pruned at once without a person's consent. */
export interface BrakeLimits {
  /** This many may always be pruned, even if the source has no others. */
  few: number;
  /** More than this part of all, from 0 to 1, is refused. */
  share: number;
}

export interface Disruption {
  source: SourceIdentity;
  limits: BrakeLimits;
  /** Objects that would be pruned, and how many there are of this source. */
  pruned: number;
  made: number;
  /** Programs that would be stopped beside those. */
  stopped: number;
  /** Nothing of the revision is applied then. */
  isWhole: boolean;
  /** Not a single manifest file is there. */
  isEmpty: boolean;
  /** This very source was seen before, with manifests in it: its emptiness is somebody's doing and not a missing mount. */
  isKnown: boolean;
}

/** The safety against mass deletion: why so much must not be pruned before somebody confirms it; undefined when it may. */
export function brake(disruption: Disruption): string | undefined {
  const { source, limits, pruned, stopped, made, isWhole, isEmpty, isKnown } = disruption;
  const { noun, howToApprove } = source;
  if (isEmpty && !isKnown) {
    return `the ${noun} has no manifests, but ${pruned} objects were made from it: is it the right ${noun}, is it mounted? Nothing is pruned; ${howToApprove}`;
  }
  const disrupted = pruned + stopped;
  if (disrupted <= limits.few || disrupted <= made * limits.share) return undefined;
  const what = stopped === 0 ? "pruned" : "pruned or stopped";
  const held = isWhole ? "Nothing of this revision is applied" : "Nothing is pruned";
  return `${disrupted} of ${made} objects would be ${what} at once. ${held}; ${howToApprove}`;
}
