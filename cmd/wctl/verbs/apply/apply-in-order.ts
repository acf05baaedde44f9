import { dependenciesFirst } from "../../../../api/apply/dependencies-first.ts";
import { waveOf } from "../../../../api/apply/waves.ts";
import { ConnectionError } from "../../../../api/http/connection-error.ts";
import type { ManifestObject } from "../../input/manifests.ts";
import type { Attempt } from "./apply-manifest.ts";

/** At once at most: enough that the server writes several with one sync. */
const MOST_AT_ONCE = 8;
/** Each further connection costs a handshake, which pays off after about this many objects. */
const WORTH_A_CONNECTION = 4;

/**
 * Applies objects, several at once. Namespaces go before their contents, ConfigMaps and Secrets before who reads them, a Process after those it
 * depends on, whatever the order of the files; what is left is told of in their order. When the server is gone no more is begun.
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

/** What may go together: of one kind. */
const wavesOf = (manifests: readonly ManifestObject[]): ManifestObject[][] => {
  const sorted = manifests.toSorted((a, b) => waveOf(a.resource) - waveOf(b.resource));
  return [...Map.groupBy(sorted, ({ resource }) => resource).values()];
};
