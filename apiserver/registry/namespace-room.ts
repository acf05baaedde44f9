import { forbidden } from "../../api/errors.ts";
import type { KubeObject, Stored } from "../../api/object.ts";
import type { Resource } from "../../api/scheme.ts";
import type { Clock } from "../../lib/clock.ts";
import { roundBytes } from "../../lib/quantity.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { type Identity, isPartOfDaemon } from "../authentication/identity.ts";

/** Bytes that all Objects of a namespace may take, unless another number is configured. All that is stored is in memory: who may write in one namespace must not take it from everybody. */
const MOST = 256 * 1024 * 1024;
/** What each costs beside the length of its JSON. */
const OVERHEAD = 2 * 1024;
/** So long a sum is good. Meanwhile what is written is added, and what is deleted is not taken off. */
const GOOD_MS = 60_000;
/** And where there would be no room: it may have been made since. */
const GOOD_WHEN_FULL_MS = 1_000;

export interface NamespaceRoomOptions {
  clock: Clock;
  objectsIn: (namespace: string) => Iterable<Stored>;
  /** Bytes. Asked at every write, so that a reloaded configuration holds for later writes. Undefined: 256 MiB. */
  most: () => number | undefined;
}

/** How much room each namespace has left. Summed up for those in which somebody writes who is no administrator and no part of the daemon. */
export class NamespaceRoom {
  readonly #clock: Clock;
  readonly #objectsIn: (namespace: string) => Iterable<Stored>;
  readonly #mostNow: () => number | undefined;
  readonly #sums = new Map<string, { bytes: number; at: number }>();
  readonly #sizes = new WeakMap<object, number>();

  constructor({ clock, objectsIn, most }: NamespaceRoomOptions) {
    this.#clock = clock;
    this.#objectsIn = objectsIn;
    this.#mostNow = most;
  }

  /**
   * A full namespace takes only what makes an Object smaller: of other content earlier ones may be kept for the history. Throws Forbidden, in the words of
   * Kubernetes' ResourceQuota.
   */
  take(resource: Resource, { user, dryRun }: WriteContext, next: KubeObject, current: KubeObject | undefined): void {
    const { namespace, name } = next.metadata;
    if (namespace === undefined || !user || isUnlimited(user)) return;
    const growth = this.#size(next) - (current ? this.#size(current) : 0);
    if (growth < 0) return;
    const sum = this.#sum(namespace, growth);
    if (sum.bytes + growth > this.#most) {
      const [requested, used, limited] = [growth, sum.bytes, this.#most].map((bytes) => `memory=${roundBytes(bytes)}`);
      throw forbidden(
        resource,
        name,
        `exceeded quota: namespace, requested: ${requested}, used: ${used}, limited: ${limited}`,
      );
    }
    if (!dryRun) sum.bytes += growth;
  }

  get #most(): number {
    return this.#mostNow() ?? MOST;
  }

  #sum(namespace: string, growth: number): { bytes: number; at: number } {
    const now = this.#clock.now();
    const known = this.#sums.get(namespace);
    const isFull = known !== undefined && known.bytes + growth > this.#most;
    if (known && now - known.at < (isFull ? GOOD_WHEN_FULL_MS : GOOD_MS)) return known;
    const sum = { bytes: 0, at: now };
    for (const object of this.#objectsIn(namespace)) sum.bytes += this.#size(object);
    this.#sums.set(namespace, sum);
    return sum;
  }

  /** Objects are never changed, so each is measured once. */
  #size(object: KubeObject): number {
    const known = this.#sizes.get(object);
    if (known !== undefined) return known;
    const size = OVERHEAD + JSON.stringify(object).length;
    this.#sizes.set(object, size);
    return size;
  }
}

const isUnlimited = (user: Identity): boolean => user.groups.includes("system:masters") || isPartOfDaemon(user);
