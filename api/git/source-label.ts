import { createHash } from "node:crypto";
import type { KubeObject } from "../object.ts";

/** As long as the value of a label may be. */
const LONGEST = 63;

/**
 * The value of the label `wctl.dev/source` on what a GitSource has applied: the same for the same namespace and name, so that one that was deleted and made again
 * knows its objects.
 */
export const sourceLabelOf = ({ metadata: { namespace = "default", name } }: Pick<KubeObject, "metadata">): string =>
  shortened(`git.${namespace}.${name}`, LONGEST);

/** A long name ends in a hash of all of it. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${text.slice(0, longest - hash.length - 1)}.${hash}`;
}
