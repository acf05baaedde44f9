import { findCondition } from "../../api/conditions.ts";
import type { Stored } from "../../api/object.ts";
import type { Lease, Node, NodeCondition } from "../../api/types.generated.ts";
import type { Clock } from "../../lib/clock.ts";

interface Heard {
  signs: string;
  /** Monotonic ms. */
  at: number;
  /** Monotonic ms: since when the next sign is listened for. */
  listening?: number;
}

/**
 * When a sign of life of each Node was first seen, by our own clock: what others write as a time is only compared with what they wrote
 * before, so no clock that jumps or goes wrong makes a node look dead (as Kubernetes' node lifecycle controller).
 */
export class LastHeard {
  readonly #clock: Clock;
  readonly #heard = new Map<string, Heard>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the last new sign. A Node that is seen for the first time has its whole grace before it. */
  agoMs(node: Stored<Node>, lease: Stored<Lease> | undefined): number {
    const { name, uid } = node.metadata;
    const ready: NodeCondition | undefined = findCondition(node.status?.conditions, "Ready");
    const signs = `${uid} ${lease?.spec?.renewTime} ${ready?.lastHeartbeatTime}`;
    const now = this.#clock.now();
    const known = this.#heard.get(name);
    if (known?.signs === signs) return now - known.at;
    this.#heard.set(name, { signs, at: now });
    return 0;
  }

  /** From now on, until the next sign. */
  listen(name: string): void {
    const known = this.#heard.get(name);
    if (known) known.listening = this.#clock.now();
  }

  /** Milliseconds since `listen`; undefined when there was a sign since then. */
  listenedMs(name: string): number | undefined {
    const since = this.#heard.get(name)?.listening;
    return since === undefined ? undefined : this.#clock.now() - since;
  }

  /** It has its whole grace before it again. */
  forget(name: string): void {
    this.#heard.delete(name);
  }
}
