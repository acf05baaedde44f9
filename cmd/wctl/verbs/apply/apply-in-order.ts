import { dependenciesFirst } from "../../../../api/apply/dependencies-first.ts";
import { ConnectionError } from "../../../../api/http/connection-error.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import type { Attempt } from "./apply-manifest.ts";

/** At once at most: enough that the server writes several with one sync. */
const MOST_AT_ONCE = 8;
/** Each further connection costs a handshake, which pays off after about this many objects. */
const WORTH_A_CONNECTION = 4;

/**
 * Applies objects, several at once, and tells of them in the order of the files; but a Process comes after those it depends on. Objects follow one another where it may matter: what has
 * another kind than the one before (a Namespace before its contents, a Secret before who reads it), and what is the same object. When the
 * server is gone no more is begun.
 */
export async function* applyInOrder(
  manifests: readonly ManifestObject[],
  apply: (manifest: ManifestObject) => Promise<Attempt>,
): AsyncGenerator<Attempt> {
  for (const wave of wavesOf(manifests).map(dependenciesFirst)) {
    const width = Math.min(MOST_AT_ONCE, Math.ceil(wave.length / WORTH_A_CONNECTION));
    const begun = wave.slice(0, width).map(apply);
    let isLost = false;
    for (let at = 0; at < begun.length; at++) {
      const attempt = await begun[at]!;
      isLost ||= attempt.error instanceof ConnectionError;
      const next = isLost ? undefined : wave[begun.length];
      if (next) begun.push(apply(next));
      yield attempt;
    }
    if (isLost) return;
  }
}

/** Groups of neighbours that may be applied at once: of one kind, each object once. */
function wavesOf(manifests: readonly ManifestObject[]): ManifestObject[][] {
  const waves: ManifestObject[][] = [];
  let keys = new Set<string>();
  for (const manifest of manifests) {
    const wave = waves.at(-1);
    if (wave?.[0]?.resource === manifest.resource && !keys.has(manifest.key)) wave.push(manifest);
    else {
      waves.push([manifest]);
      keys = new Set();
    }
    keys.add(manifest.key);
  }
  return waves;
}
