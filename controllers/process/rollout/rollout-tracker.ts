import type { Stored } from "../../../api/object.ts";
import { templateOf } from "../../../api/process-template.ts";
import type { Instance, Process, ProcessTemplate } from "../../../api/types.generated.ts";
import type { Clock } from "../../../lib/clock.ts";
import { Settling } from "../../../lib/settling.ts";
import type { History } from "../history/history.ts";
import { revisionOf } from "../history/revision.ts";
import { templateOfInstance } from "../replicas/instance-of.ts";
import { type Replica, replicaOf } from "../replicas/replica.ts";
import { MonotonicAge } from "./monotonic-age.ts";
import { neededReadySeconds } from "./settling.ts";

/** A new template waits this long before its dependencies are judged: the same apply may be changing them. */
const STABILIZATION_MS = 300;

/** What the controller remembers of one Process between two reconciles. All of it can be lost without harm. */
export class RolloutTracker {
  readonly uid: string;
  readonly settling: Settling;
  readonly #readiness: MonotonicAge;
  readonly #rollouts: MonotonicAge;
  readonly #templatesSeen: MonotonicAge;
  #templates = new Map<string, ProcessTemplate>();

  constructor(process: Stored<Process>, clock: Clock) {
    this.uid = process.metadata.uid;
    this.settling = new Settling(clock);
    this.#readiness = new MonotonicAge(clock);
    this.#rollouts = new MonotonicAge(clock);
    this.#templatesSeen = new MonotonicAge(clock);
  }

  replicasFrom(process: Stored<Process>, instances: readonly Replica["instance"][]): Replica[] {
    this.#readiness.retain(new Set(instances.map((instance) => instance.metadata.uid)));
    return instances.map((instance) => {
      const minReadySeconds = neededReadySeconds(process.spec, instance);
      const readyMs = minReadySeconds > 0 && instance.status?.ready ? this.#readyMs(instance) : 0;
      return replicaOf(instance, minReadySeconds, readyMs);
    });
  }

  /** If the agent does not say since when it is ready: since it was first seen so. */
  #readyMs({ metadata, status }: Stored<Instance>): number {
    return this.#readiness.since(metadata.uid, status?.readySince ?? "");
  }

  /** Milliseconds since this daemon first saw that this revision is wanted. */
  wantedForMs(revision: string): number {
    this.#rollouts.retain(new Set([revision]));
    return this.#rollouts.since(revision, "");
  }

  /** Milliseconds until the dependencies of a new template may be judged; 0 when a replica has that template already. */
  stabilizationMs(process: Stored<Process>, replicas: readonly Replica[]): number {
    const revision = revisionOf(process);
    this.#templatesSeen.retain(new Set([revision]));
    const seenMs = this.#templatesSeen.since(revision, "");
    if (!process.spec.dependsOn?.length || replicas.some((replica) => replica.revision === revision)) return 0;
    return Math.max(0, STABILIZATION_MS - seenMs);
  }

  /** Templates of the revisions that run, of the one that was rolled out last, and of the one that a rollback would bring back. Older ones are in the history. */
  templates(
    process: Stored<Process>,
    replicas: readonly Replica[],
    history: Pick<History, "templateOf">,
  ): ReadonlyMap<string, ProcessTemplate> {
    const templates = new Map(replicas.map((replica) => [replica.revision, templateOfInstance(replica.instance)]));
    const { currentRevision, stableRevision } = process.status ?? {};
    const goal = process.spec.rollback === "OnDeadline" ? stableRevision : undefined;
    for (const revision of [currentRevision, goal]) {
      if (revision === undefined) continue;
      const remembered = this.#templates.get(revision) ?? history.templateOf(process, revision);
      if (remembered) templates.set(revision, remembered);
    }
    if (!process.spec.paused) templates.set(revisionOf(process), templateOf(process.spec));
    this.#templates = templates;
    return templates;
  }
}
