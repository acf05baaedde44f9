import { createHash } from "node:crypto";
import type { KubeObject } from "../object.ts";

/** As long as the value of a label may be. */
const LONGEST = 63;
const DIGITS = 16;

/**
 * The value of the label `wctl.dev/source` on what a GitSource has applied: the same for the same namespace and name, so that one that was deleted and made again
 * knows its objects.
 */
export function sourceLabelOf({ metadata: { namespace = "default", name } }: Pick<KubeObject, "metadata">): string {
  const text = `git.${namespace}.${name}`;
  if (text.length <= LONGEST) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, DIGITS);
  // No name has an underscore: so none is what another's is shortened to.
  return `${text.slice(0, LONGEST - DIGITS - 1)}_${hash}`;
}
