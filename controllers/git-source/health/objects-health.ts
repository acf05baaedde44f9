import { isPaused } from "../../../api/apply/source-marks.ts";
import { healthOf } from "../../../api/health/health.ts";
import type { HealthStatus } from "../../../api/health/health-status.ts";
import { type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import { gitSources, type Resource } from "../../../api/scheme.ts";
import { oneLine } from "../../../lib/one-line.ts";
import { type AppliedObject, idOf } from "../../source/inventory.ts";
import type { Unhealthy } from "./verdict.ts";

const LONGEST = 200;
const UNSEEN = "the change is not observed yet";

interface Seen extends HealthStatus {
  resourceVersion: number;
  isPaused: boolean;
}

/** The health of each Object of a source, as its changes tell: an Object is judged once for each change, whoever asks how often. */
export class ObjectsHealth {
  /** Whose words are told: what belongs to another namespace is for who may read it there. */
  readonly #home: string | undefined;
  /** The source may have applied itself: it is healthy when all the others are. */
  readonly #self: string;
  readonly #seen = new Map<string, Seen>();
  /** Not seen since it was applied, when somebody asked last. */
  #awaited: ReadonlySet<string> = new Set();

  constructor({ metadata }: Pick<KubeObject, "metadata">) {
    this.#home = metadata.namespace;
    this.#self = idOf(gitSources, keyOf({ metadata }));
  }

  /** Returns whether somebody may have another answer to `unhealthyOf` now. */
  changed(resource: Resource, object: Stored): boolean {
    const id = idOf(resource, keyOf(object));
    const before = this.#seen.get(id);
    const { health, message } = healthOf(object);
    const { namespace, resourceVersion } = object.metadata;
    const isOurs = namespace === undefined || namespace === this.#home;
    const seen: Seen = {
      health,
      message: isOurs && health !== "Healthy" ? oneLine(message, LONGEST) : "",
      resourceVersion: Number(resourceVersion),
      isPaused: isPaused(object),
    };
    this.#seen.set(id, seen);
    if (this.#awaited.has(id)) return true;
    return before?.health !== health || before.message !== seen.message || before.isPaused !== seen.isPaused;
  }

  deleted(resource: Resource, object: Stored): void {
    this.#seen.delete(idOf(resource, keyOf(object)));
  }

  /** Of what was applied; what somebody has paused is not the source's any more. An Object that was not seen since it was applied is on the way. */
  unhealthyOf(applied: ReadonlyMap<string, AppliedObject>): Unhealthy[] {
    const unhealthy: Unhealthy[] = [];
    const awaited = new Set<string>();
    this.#awaited = awaited;
    for (const [id, { kind, resourceVersion }] of applied) {
      const seen = this.#seen.get(id);
      if (seen?.isPaused || id === this.#self) continue;
      const title = `${kind} ${id.slice(id.indexOf("/") + 1)}`;
      if (!seen || seen.resourceVersion < Number(resourceVersion)) {
        awaited.add(id);
        unhealthy.push(
          seen ? { title, health: "Progressing", message: UNSEEN } : { title, health: "Missing", message: "" },
        );
      } else if (seen.health !== "Healthy" && seen.health !== "Suspended")
        unhealthy.push({ title, health: seen.health, message: seen.message });
    }
    return unhealthy;
  }
}
