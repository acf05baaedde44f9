import { isPaused } from "../../../api/apply/source-marks.ts";
import { healthOf } from "../../../api/health/health.ts";
import type { HealthStatus } from "../../../api/health/health-status.ts";
import { type KubeObject, keyOf, type Stored } from "../../../api/object.ts";
import { gitSources, type Resource } from "../../../api/scheme.ts";
import { oneLine } from "../../../lib/one-line.ts";
import { type AppliedObject, idOf } from "../../source/inventory.ts";
import type { Unhealthy } from "./verdict.ts";

const LONGEST = 200;

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

  constructor({ metadata }: Pick<KubeObject, "metadata">) {
    this.#home = metadata.namespace;
    this.#self = idOf(gitSources, keyOf({ metadata }));
  }

  /** Returns whether its health is another one than before. */
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
    return before?.health !== health || before.message !== seen.message || before.isPaused !== seen.isPaused;
  }

  deleted(resource: Resource, object: Stored): void {
    this.#seen.delete(idOf(resource, keyOf(object)));
  }

  /** Of what was applied; what somebody has paused is not the source's any more. An Object that was not seen since it was applied is on the way. */
  unhealthyOf(applied: ReadonlyMap<string, AppliedObject>): Unhealthy[] {
    const unhealthy: Unhealthy[] = [];
    for (const [id, { kind, resourceVersion }] of applied) {
      const seen = this.#seen.get(id);
      if (seen?.isPaused || id === this.#self) continue;
      const title = `${kind} ${id.slice(id.indexOf("/") + 1)}`;
      if (!seen) unhealthy.push({ title, health: "Missing", message: "" });
      else if (seen.resourceVersion < Number(resourceVersion))
        unhealthy.push({ title, health: "Progressing", message: "the change is not observed yet" });
      else if (seen.health !== "Healthy" && seen.health !== "Suspended")
        unhealthy.push({ title, health: seen.health, message: seen.message });
    }
    return unhealthy;
  }
}
