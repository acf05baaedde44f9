import { contentKey } from "../../../api/content/content-references.ts";
import { keptCopyOf } from "../../../api/content/kept-copy.ts";
import { isReason } from "../../../api/errors.ts";
import { type Key, keyOf, makeKey, type Stored } from "../../../api/object.ts";
import type { ContentStatus, Process } from "../../../api/types.generated.ts";
import { sameJson } from "../../../lib/same-json.ts";
import { keptKeysOf } from "../history/kept-keys.ts";
import type { ContentDigests } from "./digests.ts";
import type { KeptCopies, Plural } from "./kept-copies.ts";
import type { Digests } from "./present.ts";

export interface Kept {
  /** Names of copies, by `configmaps/NAME` and `secrets/NAME`. */
  kept: Record<string, string>;
  /** Why there is no copy of something. */
  refusals: string[];
}

/** Of one ConfigMap or Secret: the digests by its keys alone. */
interface Wanted {
  plural: Plural;
  name: string;
  digests: Record<string, string>;
}

/** Keeps the content that revisions are made with: one copy for equal content, whoever refers to it, made before anything is replaced. */
export class ContentKeeper {
  readonly #copies: KeptCopies;
  readonly #digests: Pick<ContentDigests, "of" | "saltOf">;
  /** What could not be kept is not tried again before it is another. By Process and place. */
  readonly #failed = new Map<Key, Map<string, Record<string, string>>>();
  /** The copies that a Process is about to refer to, or refers to in its status: the caches may not know it yet. */
  readonly #pinned = new Map<Key, Set<string>>();

  constructor({ copies, digests }: { copies: KeptCopies; digests: Pick<ContentDigests, "of" | "saltOf"> }) {
    this.#copies = copies;
    this.#digests = digests;
  }

  /** The Processes that refer to it, or are about to; some may be gone. `copy`: as `configmaps/default/web-0f…`. */
  pinnedBy(copy: string): Key[] {
    return Array.from(this.#pinned)
      .filter(([, pins]) => pins.has(copy))
      .map(([process]) => process);
  }

  forget(process: Key): void {
    this.#pinned.delete(process);
    this.#failed.delete(process);
  }

  /** `counted`: what belongs to the revision from now on. Nothing is read or written while that stays as it is. */
  async keep(process: Stored<Process>, content: ContentStatus | undefined, counted: Digests): Promise<Kept> {
    const result: Kept = { kept: {}, refusals: [] };
    const key = keyOf(process);
    if (!content) this.forget(key);
    if (!content) return result;
    if (process.metadata.deletionTimestamp) return { ...result, kept: process.status?.content?.kept ?? {} };
    const pins = new Set(keptKeysOf(process));
    this.#pinned.set(key, pins);
    const failed = this.#failed.get(key) ?? new Map<string, Record<string, string>>();
    for (const [place, wanted] of byObject(counted)) {
      const known = isSame(process.status?.content, content, place)
        ? process.status?.content?.kept?.[place]
        : undefined;
      if (known !== undefined) {
        const copy = makeKey(process.metadata.namespace, known);
        const found = this.#copies.find(wanted.plural, copy);
        const isWhole = !found || sameKeys(found.digests, wanted.digests);
        if (isWhole) {
          result.kept[place] = known;
          pins.add(contentKey(wanted.plural, copy));
        }
        if (found && isWhole) continue;
      }
      if (sameJson(failed.get(place), wanted.digests)) continue;
      const made = await this.#keepOne(process, wanted, pins);
      if (made.name === undefined) {
        failed.set(place, wanted.digests);
        if (made.refusal !== undefined) result.refusals.push(made.refusal);
      } else {
        failed.delete(place);
        result.kept[place] = made.name;
      }
    }
    if (failed.size > 0) this.#failed.set(key, failed);
    return result;
  }

  async #keepOne(
    process: Stored<Process>,
    { plural, name, digests }: Wanted,
    pins: Set<string>,
  ): Promise<{ name?: string; refusal?: string }> {
    const key = makeKey(process.metadata.namespace, name);
    const what = `${plural === "secrets" ? "secret" : "configmap"} "${name}"`;
    try {
      const source = await this.#copies.readSource(plural, key);
      const present = source && this.#digests.of(source).digests;
      // Edited or deleted meanwhile: the next look sees that, and this content is nowhere any more.
      if (!source || Object.entries(digests).some(([one, digest]) => present?.[one] !== digest)) return {};
      const keys = new Set(Object.keys(digests));
      const copy = keptCopyOf(source, keys, this.#digests.saltOf(plural, key, digests));
      pins.add(contentKey(plural, keyOf(copy)));
      if (await this.#copies.make(plural, copy)) return { name: copy.metadata.name };
      const taken = `"${copy.metadata.name}" is there already and is not what wctl keeps under this name`;
      return { refusal: `the content of ${what} is not kept and can't be undone: ${taken}` };
    } catch (error) {
      if (!(error instanceof Error) || !REFUSALS.some((reason) => isReason(error, reason))) throw error;
      return { refusal: `the content of ${what} is not kept and can't be undone: ${error.message}` };
    }
  }
}

const REFUSALS = ["Invalid", "Forbidden", "BadRequest", "RequestEntityTooLarge"] as const;

/** Has this place what it had before? */
function isSame(before: ContentStatus | undefined, content: ContentStatus, place: string): boolean {
  if (before?.key !== content.key) return false;
  const digestsOf = ({ digests }: ContentStatus): unknown => byObject(digests).get(place)?.digests;
  return sameJson(digestsOf(before), digestsOf(content));
}

const sameKeys = (a: object, b: object): boolean => sameJson(Object.keys(a).toSorted(), Object.keys(b).toSorted());

function byObject(digests: Digests): Map<string, Wanted> {
  const objects = new Map<string, Wanted>();
  for (const [id, digest] of Object.entries(digests)) {
    const [plural, name, key] = id.split("/") as [Plural, string, string];
    const place = `${plural}/${name}`;
    const known = objects.get(place) ?? { plural, name, digests: {} };
    known.digests[key] = digest;
    objects.set(place, known);
  }
  return objects;
}
